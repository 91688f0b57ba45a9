"""What paths in a body name: fns, constructors, statics and associated items, with their type arguments.

Names resolves the leading segments; what follows is looked up on the type they name (`Vec::<T>::new`, `T::default`,
`Self::Item::parse`, `<T as Trait>::f`). Arguments that are not written are inference variables.
"""

from __future__ import annotations

from collections.abc import Iterable

from rustconc_lint.facts.model import Path, Segment, TPath, TypeExpr
from rustconc_lint.program.definitions import Definition
from rustconc_lint.program.names.names import Resolution, SelfOf
from rustconc_lint.program.shapes import LEAVES, head_of, rebuilt
from rustconc_lint.program.typeck.obligations import confirm, instantiate, known, project
from rustconc_lint.program.typeck.selection import BOUNDED, Mapping, Selected, fits, select
from rustconc_lint.program.typeck.session import Session
from rustconc_lint.program.typeck.unify import Var
from rustconc_lint.program.types import UNKNOWN, Adt, Param, Prim, TraitRef, Ty, Unknown


class Named:
    """What a value path names. bindings: parameters of its container (impl, trait, enum) that the path decides, then
    those of its own turbofish. exact: False for a trait's member whose impl is not known."""

    __slots__ = ("bindings", "definition", "exact")

    def __init__(self, definition: Definition, bindings: Mapping, exact: bool = True) -> None:
        self.definition = definition
        self.bindings = bindings
        self.exact = exact


def lowered(session: Session, expr: TypeExpr) -> Ty:
    """A type written in the body; `_` and what is not known are variables."""
    scope = session.scope
    ty = session.surface.types.lower_type(expr, scope.module, scope.owner)
    return freshened(session, ty)


def freshened(session: Session, ty: Ty) -> Ty:
    """`ty` with a variable for each unknown part, and its associated types looked up."""

    def change(part: Ty) -> Ty:
        kind = type(part)
        if kind is Unknown:
            return session.infer.fresh()
        return part if kind in LEAVES else rebuilt(part, change)

    return instantiate(session, change(ty), {})


def named_value(session: Session, path: Path) -> Named | None:
    """What a path in an expression or pattern names; None when it is not known."""
    if path.qself is not None:
        return _qualified(session, path)
    found = session.surface.resolve(path, session.scope, "value")
    if found is None:
        return None
    rest = path.segments[found.used :]
    target = found.target
    if rest:
        return _associated(session, path, found, rest)
    if isinstance(target, Definition):
        aliased = _aliased_enum(session, path, target)
        return Named(target, _written(session, path, target) if aliased is None else adt_bindings(session, aliased))
    return _self_constructor(session, target) if isinstance(target, SelfOf) else None


def named_type(session: Session, path: Path) -> tuple[Ty, Definition | None] | None:
    """The type of a struct literal or struct pattern, and the variant if it names one."""
    found = session.surface.resolve(path, session.scope, "type")
    if found is None:
        return None
    rest = path.segments[found.used :]
    target = found.target
    if not rest and isinstance(target, Definition) and target.kind == "variant":
        return _variant_type(session, path, target), target
    base = _base_type(session, path, found)
    for segment in rest[:-1]:
        base = _associated_type(session, base, segment.name)
    if rest:
        variant = variant_named(session, base, rest[-1].name)
        return (base, variant) if variant is not None else (_associated_type(session, base, rest[-1].name), None)
    return base, None


def variant_named(session: Session, ty: Ty, name: str) -> Definition | None:
    """The variant `name` of an enum type."""
    ty = session.infer.shallow(ty)
    if type(ty) is not Adt:
        return None
    enum = session.surface.names.adt_of(ty.path)
    return session.surface.names.variants(enum).get(name) if enum is not None and enum.kind == "enum" else None


def adt_bindings(session: Session, ty: Adt) -> Mapping:
    """The parameters of an ADT -> the arguments it has here."""
    generics = session.surface.generics(ty.path)
    return {(param.owner, param.name): arg for param, arg in zip(generics, ty.args, strict=False)}


def fresh_adt(session: Session, definition: Definition) -> Adt:
    """The ADT applied to new variables."""
    generics = session.surface.generics(definition.path)
    return Adt(definition.path, tuple([session.infer.fresh() for _ in generics]))


def _variant_type(session: Session, path: Path, variant: Definition) -> Ty:
    enum = variant.parent
    if enum is None:
        return UNKNOWN
    aliased = _aliased_enum(session, path, variant)
    if aliased is not None:
        return aliased
    ty = fresh_adt(session, enum)
    _unify_written(session, ty.args, _written_arguments(session, path.segments[-2:], enum))
    return ty


def _aliased_enum(session: Session, path: Path, target: Definition) -> Adt | None:
    """The enum in `Alias::<u8>::Variant`: the arguments are the alias's, in its order."""
    if target.kind != "variant" or len(path.segments) < 2 or not path.segments[-2].args:
        return None
    prefix = Path(path.start, path.end, path.segments[:-1])
    found = session.surface.resolve(prefix, session.scope, "type")
    if found is None or not isinstance(found.target, Definition) or found.target.kind != "type":
        return None
    ty = session.infer.shallow(lowered(session, TPath(path.start, path.end, prefix)))
    return ty if type(ty) is Adt else None


def _written_arguments(session: Session, segments: tuple[Segment, ...], target: Definition) -> tuple[Ty, ...]:
    args = next((segment.args for segment in reversed(segments) if segment.args), ())
    if not args:
        return ()
    scope = session.scope
    return tuple(
        freshened(session, ty) for ty in session.surface.types.lower_args(args, target, scope.module, scope.owner)
    )


def _unify_written(session: Session, args: tuple[Ty, ...], written: tuple[Ty, ...]) -> None:
    for arg, ty in zip(args, written, strict=False):
        session.infer.unify(arg, ty)


def _written(session: Session, path: Path, target: Definition) -> Mapping:
    """Type arguments of a fn's turbofish, a struct's, or a variant's (which may stand on the enum)."""
    holder = target.parent if target.kind == "variant" and target.parent is not None else target
    segments = path.segments[-2:] if target.kind == "variant" else path.segments[-1:]
    written = _written_arguments(session, segments, holder)
    if not written:
        return {}
    generics = session.surface.types.own_generics(holder)
    return {(param.owner, param.name): ty for param, ty in zip(generics, written, strict=False)}


def _self_constructor(session: Session, target: SelfOf) -> Named | None:
    """`Self(..)` of a tuple struct."""
    ty = session.surface.types.self_type(target.owner)
    if type(ty) is not Adt:
        return None
    definition = session.surface.names.adt_of(ty.path)
    return None if definition is None else Named(definition, adt_bindings(session, ty))


def _base_type(session: Session, path: Path, found: Resolution) -> Ty:
    """The type that the resolved leading segments name."""
    target = found.target
    if isinstance(target, SelfOf):
        return instantiate(session, session.surface.types.self_type(target.owner), {})
    if isinstance(target, Param | Prim):
        return target
    if target.kind in ("struct", "enum", "union"):
        ty = fresh_adt(session, target)
        _unify_written(session, ty.args, _written_arguments(session, path.segments[: found.used][-1:], target))
        return ty
    if target.kind == "type":
        prefix = Path(path.start, path.end, path.segments[: found.used])
        return lowered(session, TPath(path.start, path.end, prefix))
    return UNKNOWN


def _associated_type(session: Session, base: Ty, name: str) -> Ty:
    base = session.infer.shallow(base)
    for trait in session.surface.names.traits_with(name):
        if select(session, base, trait.path) is not None:
            return project(session, base, trait.path, name)
    return UNKNOWN


def _associated(session: Session, path: Path, found: Resolution, rest: tuple[Segment, ...]) -> Named | None:
    target = found.target
    if isinstance(target, Definition) and target.kind == "trait" and len(rest) == 1:
        self_ty = session.infer.fresh()
        arguments = _written_arguments(session, path.segments[: found.used][-1:], target)
        return _trait_member(session, self_ty, target, arguments, rest[0])
    base = _base_type(session, path, found)
    for segment in rest[:-1]:
        base = _associated_type(session, base, segment.name)
    return associated_item(session, base, rest[-1])


def _qualified(session: Session, path: Path) -> Named | None:
    """`<Q as Trait>::f` and `<Q>::f`."""
    assert path.qself is not None
    self_ty = lowered(session, path.qself)
    if not path.qtrait:
        return associated_item(session, self_ty, path.segments[-1]) if len(path.segments) == 1 else None
    found = session.surface.resolve(path, session.scope, "type")
    if found is None or not isinstance(found.target, Definition) or found.target.kind != "trait":
        return None
    arguments = _written_arguments(session, path.segments[: found.used][-1:], found.target)
    rest = path.segments[found.used :]
    if len(rest) == 2:
        base = project(session, self_ty, found.target.path, rest[0].name, arguments)
        return associated_item(session, base, rest[1])
    return _trait_member(session, self_ty, found.target, arguments, rest[0]) if rest else None


def associated_item(session: Session, ty: Ty, segment: Segment) -> Named | None:
    """The fn, constant or variant `name` of a type: variants, then inherent members, then those of its traits."""
    ty = known(session, ty)
    name = segment.name
    if type(ty) is Adt:
        variant = variant_named(session, ty, name)
        if variant is not None:
            return Named(variant, adt_bindings(session, ty))
    found = inherent_member(session, ty, name)
    if found is not None:
        found.bindings.update(_written(session, Path(0, 0, (segment,)), found.definition))
        return found
    traits = session.surface.names.traits_with(name)
    for trait in sorted(traits, key=lambda trait: not session.surface.in_scope(trait, session.scope.module)):
        if select(session, ty, trait.path) is not None or _many_impls(session, ty, trait):
            return _trait_member(session, ty, trait, (), segment)
    return None


def _many_impls(session: Session, ty: Ty, trait: Definition) -> bool:
    """Several impls of one trait for one type, told apart by the trait's arguments: `String::from`."""
    if not session.surface.generics(trait.path) or isinstance(ty, Var):
        return False
    return session.surface.has_impls(trait.path, ty)


def inherent_member(session: Session, ty: Ty, name: str) -> Named | None:
    """The first inherent member of this name whose impl fits the type."""
    head = head_of(ty)
    return None if head is None else _fitting(session, ty, session.surface.inherent(head, name))


def member_of_unknown_trait(session: Session, ty: Ty, name: str) -> Named | None:
    """The method of this name in the one impl for the type whose trait is declared by a crate that is not known."""
    head = head_of(ty)
    found = () if head is None else session.surface.of_unknown_traits(head, name)
    return _fitting(session, ty, found) if len(found) == 1 else None


def _fitting(session: Session, ty: Ty, members: Iterable[tuple[Ty, Definition]]) -> Named | None:
    for self_ty, definition in members:
        container = definition.container
        if container is None:
            continue
        selected = Selected()
        if fits(session, self_ty, ty, container.id, selected):
            for pattern, part in selected.later:
                session.infer.unify(instantiate(session, pattern, selected.mapping), part)
            return Named(definition, selected.mapping)
    return None


def _trait_member(
    session: Session, ty: Ty, trait: Definition, arguments: tuple[Ty, ...], segment: Segment
) -> Named | None:
    member = session.surface.traits.trait_member(trait.path, segment.name)
    if member is None:
        return None
    named = trait_item(session, ty, TraitRef(trait.path, arguments), member)
    named.bindings.update(_written(session, Path(0, 0, (segment,)), named.definition))
    return named


def trait_item(session: Session, ty: Ty, trait: TraitRef, member: Definition) -> Named:
    """The trait's member for the type: the impl's own, when one impl is known to apply and declares it."""
    ty = session.infer.shallow(ty)
    selected = None if type(ty) is Var else select(session, ty, trait.path, trait.args)
    bindings: Mapping = {(trait.path, "Self"): ty}
    generics = [param for param in session.surface.generics(trait.path) if param.name != "Self"]
    args = trait.args
    if selected is not None and selected.header is not None:
        mapping = confirm(session, selected)
        args = tuple(instantiate(session, arg, mapping) for arg in selected.header.trait.args)
        own = session.surface.names.members(selected.header.impl).get(member.name)
        if own is not None:
            return Named(own, mapping)
    elif selected is not None and selected.bound is not None:
        args = selected.bound.args
    for index, param in enumerate(generics):
        bindings[param.owner, param.name] = args[index] if index < len(args) else session.infer.fresh()
    return Named(member, bindings, selected is not None and not (selected.bound is not None or isinstance(ty, BOUNDED)))
