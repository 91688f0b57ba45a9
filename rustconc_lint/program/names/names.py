"""Paths -> definitions: crates, modules, `use`, globs, re-exports, preludes, block scopes and impls of all files.

Computed lazily from the item heads of every file; details (generics, fields, impl headers) are read only when a path
leads through them. A name that cannot be followed to its declaration is None (unknown), never a guess: an imported path
does not fall back to its last segment. Macro-generated items and privacy errors are not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rustconc_lint.apis import ApiFile, FnModel, TypeModel
from rustconc_lint.facts.file import Reader, RustFile
from rustconc_lint.facts.model import AdtDetail, AliasDetail, Detail, Item, Path, Scope, Segment, TPath
from rustconc_lint.program.crates import CrateInput
from rustconc_lint.program.definitions import Crate, Definition, Impl, Module
from rustconc_lint.program.names.impls import ImplIndex, last_name
from rustconc_lint.program.names.macro_impls import MacroImpls
from rustconc_lint.program.names.members import Members, has_body
from rustconc_lint.program.names.modules import Tree, reached_files
from rustconc_lint.program.names.paths import Paths, Resolution, SelfOf, detail_of
from rustconc_lint.program.names.renames import Renames
from rustconc_lint.program.names.scopes import NAMESPACES, UNRESOLVED, Namespace, Scopes
from rustconc_lint.source import SourceFile

__all__ = ["Names", "Namespace", "Resolution", "SelfOf", "link_names"]

_STD = "std"
_DECLARING = frozenset(("fn", "impl", "trait"))
_HOLDING = _DECLARING | {"static", "const"}


class Names:
    """All names of a run. Made by `link_names`; everything is memoised, nothing changes but by `block_module`."""

    def __init__(self, tree: Tree, apis: Sequence[ApiFile]) -> None:
        self._tree = tree
        self.crates = tree.crates
        self._scopes = Scopes(tree, self.variants, self._in_prelude)
        self._paths = Paths(tree, self._scopes, self.variants, self._enum_of)
        self._members = Members(self._resolve_type)
        self._impls = ImplIndex(tree, self.head_of, self.trait_of, self._members.naming)
        self._macro_impls = MacroImpls(tree)
        self._variants: dict[Definition, dict[str, Definition]] = {}
        self._known: dict[str, Definition | None] = {}
        self._project: list[Definition] = []  # of the modules taken in so far, by their items
        self._seen: set[int] = set()
        self._taken_in = 0
        self._functions = {path: model for api in apis for path, model in api.functions.items()}
        self._types = {path: model for api in apis for path, model in api.types.items()}
        self._same_methods = {name: same for api in apis for name, same in api.same_methods.items()}
        self._shared = frozenset(self._same_methods.values())
        self._prelude = {path.rpartition("::")[2]: ("", path.split("::")) for api in apis for path in api.prelude}
        for api in apis:
            for edition, paths in api.prelude_since.items():
                self._prelude |= {path.rpartition("::")[2]: (edition, path.split("::")) for path in paths}

    def functions(self) -> Iterator[Definition]:
        """Every project fn with a body: free ones, methods, trait default methods; in order of crates and files. Fns
        inside blocks appear once their block is registered (iterate, register, and they are yielded in turn). A file
        that several crates share is read as part of the first."""
        return (
            definition
            for definition in self._project_definitions()
            if definition.kind == "fn" and has_body(definition.item, definition.module.file.source.data)
        )

    def bodiless(self, near: re.Pattern[bytes]) -> Iterator[Definition]:
        """Functions that the project's traits declare without a body, and all of known crates: those in functions,
        impls and traits where the pattern matches."""
        for module in self._tree.modules:
            data, kinds = module.file.source.data, _DECLARING if module.crate.api else frozenset(("trait",))
            for item in module.items:
                if item.kind in kinds and near.search(data, item.start, item.end):
                    yield from (
                        one
                        for one in self._declared_by(module, item)
                        if one.kind == "fn" and (module.crate.api or not has_body(one.item, data))
                    )

    def traits(self, near: re.Pattern[bytes], whole: bool = False) -> Iterator[Definition]:
        """The project's traits in whose text before the body, or in all of it, the pattern matches."""
        for module in self.modules():
            data = module.file.source.data
            for item in module.items:
                if item.kind != "trait":
                    continue
                if near.search(data, item.start, item.end if whole else data.find(b"{", item.start, item.end)):
                    yield self._tree.table(module).definitions[item.start]

    def functions_in_blocks(self) -> Iterator[Definition]:
        """Fns inside the blocks that are registered by now, or become so while they are iterated."""
        for module in self.modules():
            for item in module.items if module.block else ():
                for one in self._declared_by(module, item):
                    if one.kind == "fn" and has_body(one.item, one.module.file.source.data):
                        yield one

    def values(self) -> Iterator[Definition]:
        """Project statics and consts, associated ones included."""
        return (definition for definition in self._project_definitions() if definition.kind in ("static", "const"))

    def fragments(self) -> Iterator[Module]:
        """Root modules of project files that have statements at top level (book listings)."""
        seen: set[str] = set()
        for module in self.modules():
            if module.items is module.file.items and module.file.path not in seen:
                seen.add(module.file.path)
                if module.file.fragment is not None:
                    yield module

    def modules(self) -> Iterator[Module]:
        """Project modules, inline ones and registered blocks included, parents first."""
        at = 0
        while at < len(self._tree.modules):
            module = self._tree.modules[at]
            at += 1
            if not module.crate.api:
                yield module

    def module(self, path: str) -> Module | None:
        """The module with this canonical path (a crate's id is its root)."""
        return self._tree.by_path.get(path)

    def definition(self, path: str) -> Definition | None:
        """The definition with this canonical path: items, variants, associated items (`std::sync::Mutex::lock`). A path
        through a re-export is followed."""
        if path not in self._known:
            self._known[path] = self._find(path)
        return self._known[path]

    def is_alternative(self, definition: Definition) -> bool:
        """Whether another item could be meant by the name, under other `cfg`s: of the definition, or of a module that
        it is in."""
        module: Module | None = definition.module
        while module is not None and not definition.alternatives:
            definition = self._tree.definition_of(module) or definition
            module = module.parent
        return definition.alternatives

    def detail(self, of: Definition | Impl) -> Detail | None:
        """The facts' detail: a fn's signature and body, an ADT's fields (for a variant too), an impl's header."""
        return detail_of(of)

    def resolve(
        self, path: Path, module: Module, namespace: Namespace, owner: Definition | Impl | None = None
    ) -> Resolution | None:
        """What `path`, written in `module` within `owner` (whose generic parameters and `Self` are in scope), names.

        The value namespace is that of expressions and patterns (fns, statics, consts, variants, unit and tuple
        structs), "type" that of types, traits, modules and struct literals. None: not known. Reference, "Names"."""
        return self._paths.resolve(path, module, namespace, owner)

    def resolve_segments(self, segments: Sequence[str], module: Module, namespace: Namespace) -> Definition | None:
        """The definition that plain segments name in full, None when they name none."""
        path = Path(0, 0, tuple(Segment(name) for name in segments))
        found = self._paths.resolve(path, module, namespace, None)
        if found is None or found.used < len(segments) or not isinstance(found.target, Definition):
            return None
        return found.target

    def block_module(self, parent: Module, file: RustFile, scope: Scope) -> Module:
        """The anonymous module of a block that declares items (`scope` of a body in `file`; `parent` is the module of
        the enclosing scope or of the fn). Registers its items and impls; memoised by file and scope.start."""
        return self._tree.add_block(parent, file, scope)

    def register_blocks(self, definition: Definition) -> tuple[Module, ...]:
        """Makes the modules of all blocks in a body that declare items, as typing the body would; they are returned."""
        body = getattr(self.detail(definition), "body", None)
        modules: list[Module] = []
        for scope in () if body is None else body.scopes:
            parent = definition.module if scope.parent < 0 else modules[scope.parent]
            modules.append(self.block_module(parent, parent.file, scope))
        return tuple(modules)

    def variants(self, enum: Definition) -> Mapping[str, Definition]:
        """The variants of an enum by name, in order; a type alias of an enum is seen through."""
        found = self._variants.get(enum)
        if found is None:
            found = self._variants[enum] = {}
            found.update(self._variants_of(enum))
        return found

    def members(self, of: Impl) -> Mapping[str, Definition]:
        """fns, associated types and consts that stand in an impl or trait body, by name."""
        return self._members.members(of)

    def trait_body(self, trait: Definition) -> Impl:
        """The body of a trait; its id is the trait's path, so that generics_of works on either."""
        return self._members.trait_body(trait)

    def adt_of(self, path: str) -> Definition | None:
        """Definition of a struct, enum, union or trait by the canonical path in an Adt or TraitRef."""
        return self._tree.definitions.get(path) or self.definition(path)

    def impls_of_unknown_traits(self, head: str, member: str) -> list[Impl]:
        """Impls with the member for types of this head, of traits from crates that are not known."""
        return self._impls.of_unknown_traits(head, member)

    def inherent_impls(self, head: str, member: str) -> tuple[Impl, ...]:
        """Inherent impls with a member of that name whose self type has this head: the path of an ADT, a primitive's
        name, "&", "&mut", "*const", "*mut", "[]" (slice), "[_]" (array), "()" (tuples), "fn", "!", "dyn Path"."""
        found = self._impls.inherent(head, member)
        same = self._same_methods.get(head)
        return found if found or same is None else self._impls.inherent(same, member)

    def is_shared(self, of: Impl) -> bool:
        """Whether an API's impl declares the methods of several built-in types; then `Self` is whichever is asked."""
        return of.module.crate.api and self.head_of(of) in self._shared

    def trait_impls(self, trait: str) -> tuple[Impl, ...]:
        """All impls of the trait with this canonical path, negative ones included."""
        return self._impls.of_trait(trait)

    def trait_impls_for(self, trait: str, head: str) -> tuple[Impl, ...]:
        """Those of `trait_impls` for types of this head (see `head_of`)."""
        return self._impls.of_trait_for(trait, head)

    @property
    def renames(self) -> Renames:
        """New names that imports and type aliases of modules give."""
        self._impls.refresh()
        return self._impls.renames

    def unclear_impls(self, trait: str) -> list[Impl]:
        """Impls in whose head the trait is named, perhaps, but whose trait is not known."""
        return self._impls.unclear(trait)

    def macros_implement(self, crate: Crate, trait: str, name: str) -> bool:
        """Whether the crate calls a macro that writes impls of the trait (which are not seen here) with this name of a
        type in the call; "" for any name."""
        words = self._macro_impls.words(crate, last_name(trait))
        return name.encode() in words if name else bool(words)

    def head_of(self, of: Impl) -> str | None:
        """Head of an impl's self type (see inherent_impls); "" for a type parameter (a blanket impl), None unknown."""
        return self._members.head_of(of)

    def trait_of(self, of: Impl) -> Definition | None:
        """The trait an impl implements; None for an inherent impl, and when the trait is unknown."""
        return self._members.trait_of(of)

    def traits_with(self, member: str) -> tuple[Definition, ...]:
        """All known traits that declare a member of this name."""
        return self._impls.traits_with(member)

    def function_model(self, definition: Definition) -> FnModel | None:
        """What an API model says of a declared fn. A method of a trait impl is looked up as the type's
        (`std::sync::mpsc::Iter::next`), then as the trait's (`std::iter::Iterator::next`)."""
        if not definition.module.crate.api:
            return None
        found = self._functions.get(definition.path)
        container = definition.container
        if found is not None or container is None or container.item.kind != "impl":
            return found
        trait = self.trait_of(container)
        found = self._functions.get(f"{self.head_of(container)}::{definition.name}")
        return found if found is not None or trait is None else self._functions.get(f"{trait.path}::{definition.name}")

    def type_model(self, path: str) -> TypeModel | None:
        """What an API model says of the type with this canonical path."""
        return self._types.get(path)

    def _project_definitions(self) -> Iterator[Definition]:
        self._impls.refresh()  # registers the blocks of `const _: () = { impl .. };`
        at = 0
        while at < len(self._project) or self._take_in_module():
            if at < len(self._project):
                yield self._project[at]
                at += 1

    def _take_in_module(self) -> bool:
        """Adds what the next module declares to the project's definitions; False when all modules are taken in."""
        if self._taken_in == len(self._tree.modules):
            return False
        module = self._tree.modules[self._taken_in]
        self._taken_in += 1
        for item in () if module.crate.api else module.items:
            # Modules of several crates that are one file have the same items.
            if item.kind in _HOLDING and id(item) not in self._seen:
                self._seen.add(id(item))
                self._project += self._declared_by(module, item)
        return True

    def _declared_by(self, module: Module, item: Item) -> Sequence[Definition]:
        """The fn, static or const that an item of a module is, or the members of the impl or trait that it is."""
        if item.kind == "impl":
            return self._members.all_members(self._impls.impl_of(module, item))
        if item.kind not in _HOLDING:
            return ()
        definition = self._tree.table(module).definitions[item.start]
        return self._members.all_members(self.trait_body(definition)) if item.kind == "trait" else (definition,)

    def _resolve_type(self, path: Path, module: Module, owner: Definition | Impl | None) -> Resolution | None:
        return self._paths.resolve(path, module, "type", owner)

    def _in_prelude(self, name: str, namespace: Namespace, edition: str) -> Definition | None:
        since, segments = self._prelude.get(name, ("", None))
        if since > edition:
            return None
        root = None if segments is None else self._tree.roots.get(self._tree.std)
        if segments is None or root is None:
            return None
        found = self._scopes.container(root, ("crate", *segments[1:-1]), "") if segments[1:] else None
        target = None if found is None or found is UNRESOLVED else self._scopes.inside(found, segments[-1], namespace)
        return target if isinstance(target, Definition) else None

    def _enum_of(self, of: Impl) -> Definition | None:
        head = self.head_of(of)
        definition = self.adt_of(head) if head else None
        return definition if definition is not None and definition.kind == "enum" else None

    def _variants_of(self, enum: Definition) -> Mapping[str, Definition]:
        detail = detail_of(enum)
        if isinstance(detail, AdtDetail) and enum.kind == "enum":
            return {
                variant.name: Definition(
                    f"{enum.path}::{variant.name}", "variant", variant.name, enum.module, enum.item, None, enum
                )
                for variant in detail.variants
            }
        if isinstance(detail, AliasDetail) and isinstance(detail.aliased, TPath):
            found = self._resolve_type(detail.aliased.path, enum.module, enum)
            target = None if found is None else found.target
            if isinstance(target, Definition) and target.kind in ("enum", "type") and target is not enum:
                return self.variants(target)
        return {}

    def _find(self, path: str) -> Definition | None:
        parts = path.split("::")
        cut = next((n for n in range(len(parts), 0, -1) if "::".join(parts[:n]) in self._tree.by_path), 0)
        if cut == 0:
            return None
        module = self._tree.by_path["::".join(parts[:cut])]
        self._tree.table(module)
        if cut == len(parts):
            return self._tree.definitions.get(path) or self._tree.definition_of(module)
        exact = self._tree.definitions.get("::".join(parts[: cut + 1]))
        rest = parts[cut + 1 :]
        if exact is None:
            found = None
            for namespace in NAMESPACES:
                found = found or self.resolve_segments(("crate", *parts[1:]), module, namespace)
            return found
        return self._member_named(exact, rest[0]) if len(rest) == 1 else None if rest else exact

    def _member_named(self, of: Definition, name: str) -> Definition | None:
        if of.kind == "trait":
            return self.members(self.trait_body(of)).get(name)
        variant = self.variants(of).get(name)
        if variant is not None:
            return variant
        return next((self.members(impl)[name] for impl in self._impls.inherent(of.path, name)), None)


def link_names(
    crates: Sequence[CrateInput], files: Mapping[str, RustFile], apis: Sequence[ApiFile], reader: Reader = RustFile
) -> Names:
    """Names over project crates and API models. `files` by path; a crate's `mod` tree is followed from its root. An API
    becomes a crate whose id is its name; where a project crate already has that id, ` [api]` is appended, but to
    `std`, whose paths the language knows: there the project's crate gets ` [crate]`. Paths of project crates reach APIs
    through their externs (None and missing names included, when an API of that name exists); `core` and `alloc` are
    `std`. A loose file that the `mod` items of any crate reach is no crate of its own."""
    taken = {crate.id: f"{crate.id} [crate]" if crate.id == _STD else crate.id for crate in crates}
    ids = {api.crate: f"{api.crate} [api]" if api.crate in taken.values() else api.crate for api in apis}
    visible: dict[str, str] = {name: ids[api.crate] for api in apis for name in (api.crate, *api.aliases)}
    tree = Tree(files, visible.get(_STD, ""))

    def add(crate: CrateInput) -> None:
        externs = _externs(crate.externs, taken, visible)
        id_, root = taken[crate.id], files[crate.root]
        tree.add_crate(Crate(id_, crate.name, crate.edition, False, externs, crate.kind, crate.features), root)

    present = [crate for crate in crates if crate.root in files]
    loose = [crate for crate in present if crate.kind == "loose"]
    for crate in present:
        if crate.kind != "loose":
            add(crate)
    reached = {module.file.path for module in tree.modules} | reached_files([files[one.root] for one in loose], files)
    for crate in loose:
        if crate.root not in reached:
            add(crate)
    for api in apis:
        file = reader(SourceFile(f"<api {api.crate}>", api.declarations.encode(), "2021"))
        tree.add_crate(Crate(ids[api.crate], api.crate, "2021", True, dict(visible)), file)
    return Names(tree, apis)


def _externs(
    written: Mapping[str, str | None], taken: Mapping[str, str], visible: Mapping[str, str]
) -> dict[str, str | None]:
    """What each name of the extern prelude stands for: a crate of the run, an API, or None."""
    found: dict[str, str | None] = dict(visible)
    for name, crate in written.items():
        if crate is not None and crate in taken:
            found[name] = taken[crate]
        else:
            found[name] = visible.get(name if crate is None else crate)
    return found
