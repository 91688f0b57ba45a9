"""What one Rust file says: items, and bodies as expression trees. Frozen, serialisable, no tree nodes.

Every node carries the half-open byte range `start..end` of its text in the file. Locals are already resolved to slots
(lexical scope is a matter of one file); everything else is a path, resolved when files are linked. Facts never say
"moved" or "borrowed": that depends on types, so they say how a place is used, and the link decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec


class Node(msgspec.Struct, frozen=True, array_like=True, gc=False):
    start: int
    end: int


# ---------------------------------------------------------------- types and paths, as written


class Segment(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`Vec<T>`, `Iterator<Item = T>`, `Fn(A) -> B` (then `args` is the one tuple type and `bindings` has Output)."""

    name: str
    args: tuple[TypeExpr, ...] = ()
    bindings: tuple[tuple[str, TypeExpr], ...] = ()
    start: int = 0  # of the name


class Path(Node, frozen=True, array_like=True, gc=False):
    """`std::sync::Mutex::<T>::new`; `::a` starts with a segment named "". With `<Q as Trait>::f`, `qself` is Q and
    the segments are those of Trait followed by f (`<Q>::f`: just f)."""

    segments: tuple[Segment, ...]
    qself: TypeExpr | None = None
    qtrait: bool = False  # True for `<Q as Trait>::..`


class TPath(Node, frozen=True, array_like=True, tag="path", gc=False):
    path: Path


class TRef(Node, frozen=True, array_like=True, tag="ref", gc=False):
    lifetime: str  # "" when elided, else without the quote: "static", "a"
    mutable: bool
    inner: TypeExpr


class TPtr(Node, frozen=True, array_like=True, tag="ptr", gc=False):
    mutable: bool
    inner: TypeExpr


class TTuple(Node, frozen=True, array_like=True, tag="tuple", gc=False):
    items: tuple[TypeExpr, ...]


class TArray(Node, frozen=True, array_like=True, tag="array", gc=False):
    """`[T; N]`."""

    inner: TypeExpr


class TSlice(Node, frozen=True, array_like=True, tag="slice", gc=False):
    inner: TypeExpr


class TFn(Node, frozen=True, array_like=True, tag="fn", gc=False):
    """`fn(A) -> B`, a pointer."""

    params: tuple[TypeExpr, ...]
    output: TypeExpr | None


class TDyn(Node, frozen=True, array_like=True, tag="dyn", gc=False):
    bounds: tuple[Bound, ...]


class TImpl(Node, frozen=True, array_like=True, tag="impl", gc=False):
    bounds: tuple[Bound, ...]


class TNever(Node, frozen=True, array_like=True, tag="never", gc=False):
    pass


class TInfer(Node, frozen=True, array_like=True, tag="infer", gc=False):
    """`_`, and whatever could not be read."""


TypeExpr = TPath | TRef | TPtr | TTuple | TArray | TSlice | TFn | TDyn | TImpl | TNever | TInfer


class Bound(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One bound: a trait path, or a lifetime (`lifetime` without the quote, `path` None)."""

    path: Path | None
    lifetime: str = ""
    maybe: bool = False  # `?Sized`


class GenericParam(msgspec.Struct, frozen=True, array_like=True, gc=False):
    name: str  # lifetimes keep their quote: "'a"
    kind: Literal["type", "lifetime", "const"]
    bounds: tuple[Bound, ...] = ()
    default: TypeExpr | None = None


class WherePredicate(msgspec.Struct, frozen=True, array_like=True, gc=False):
    subject: TypeExpr
    bounds: tuple[Bound, ...]


class Generics(msgspec.Struct, frozen=True, array_like=True, gc=False):
    params: tuple[GenericParam, ...] = ()
    where: tuple[WherePredicate, ...] = ()


# ---------------------------------------------------------------- patterns


class PWild(Node, frozen=True, array_like=True, tag="_", gc=False):
    """`_`: binds nothing and moves nothing."""


class PRest(Node, frozen=True, array_like=True, tag="..", gc=False):
    pass


class PBind(Node, frozen=True, array_like=True, tag="bind", gc=False):
    """`x`, `mut x`, `ref x`, `x @ sub`."""

    slot: int
    by_ref: Literal["", "ref", "mut"]  # `ref x`, `ref mut x`
    mutable: bool
    sub: Pattern | None


class PTuple(Node, frozen=True, array_like=True, tag="tuple", gc=False):
    items: tuple[Pattern, ...]


class PStruct(Node, frozen=True, array_like=True, tag="struct", gc=False):
    """`Some(x)` (fields "0", "1", ..; a PRest keeps the field name ".."), `S { a, b: pat, .. }`."""

    path: Path
    fields: tuple[tuple[str, Pattern], ...]
    tuple_like: bool


class PRef(Node, frozen=True, array_like=True, tag="&", gc=False):
    inner: Pattern


class PSlice(Node, frozen=True, array_like=True, tag="slice", gc=False):
    items: tuple[Pattern, ...]


class POr(Node, frozen=True, array_like=True, tag="or", gc=False):
    """Alternatives bind the same slots."""

    items: tuple[Pattern, ...]


class PPath(Node, frozen=True, array_like=True, tag="path", gc=False):
    """`None`, `Ordering::Less`, a constant: any capital-initial bare identifier too."""

    path: Path


class PLit(Node, frozen=True, array_like=True, tag="lit", gc=False):
    """Literals, ranges, and whatever could not be read: tests, binds nothing."""


Pattern = PWild | PRest | PBind | PTuple | PStruct | PRef | PSlice | POr | PPath | PLit


# ---------------------------------------------------------------- expressions


class Local(Node, frozen=True, array_like=True, tag="local", gc=False):
    slot: int


class PathX(Node, frozen=True, array_like=True, tag="path", gc=False):
    path: Path


class Lit(Node, frozen=True, array_like=True, tag="lit", gc=False):
    """kind: a suffix as written ("u8", "f32"), or int, float, str, bytestr, cstr, char, byte, bool. `text` as written for numbers
    and booleans, else ""."""

    kind: str
    text: str = ""


class Field(Node, frozen=True, array_like=True, tag="field", gc=False):
    base: Expr
    name: str  # "0" for tuples
    name_start: int


class Index(Node, frozen=True, array_like=True, tag="index", gc=False):
    base: Expr
    index: Expr


class Unary(Node, frozen=True, array_like=True, tag="unary", gc=False):
    op: Literal["*", "-", "!"]
    operand: Expr


class Ref(Node, frozen=True, array_like=True, tag="&", gc=False):
    kind: Literal["", "mut", "raw", "raw mut"]
    operand: Expr


class Binary(Node, frozen=True, array_like=True, tag="binary", gc=False):
    """`&&` and `||` are here too, and lazy."""

    op: str
    left: Expr
    right: Expr


class Assign(Node, frozen=True, array_like=True, tag="=", gc=False):
    """`target = value` (op ""), `target += value` (op "+"). `_ = f()` has target Unknown with no parts; a destructuring assignment has a Tuple, StructLit or Call target."""

    op: str
    target: Expr
    value: Expr


class Call(Node, frozen=True, array_like=True, tag="call", gc=False):
    callee: Expr
    args: tuple[Expr, ...]


class Method(Node, frozen=True, array_like=True, tag="method", gc=False):
    receiver: Expr
    name: str
    type_args: tuple[TypeExpr, ...]
    args: tuple[Expr, ...]
    name_start: int


class Macro(Node, frozen=True, array_like=True, tag="macro", gc=False):
    """A macro whose arguments could be read: `args` in order of evaluation.

    family: "format" (args are used by reference: println, format, write's rest, panic, log macros; implicit `{name}`
    captures are args with the range of the name inside the string), "assert" (operands by reference; messages are in
    `late`), "dbg" (by value, returns them), "matches", "join", "select", "opaque" (unknown macro: args are the Locals
    mentioned in it, nothing is known of their use), "write" (first arg by `&mut`, rest as format).
    `vec!` becomes Array/Repeat with vec=True, `matches!` becomes a Match; never a Macro. `late`: only when it panics.
    """

    path: Path
    family: str
    args: tuple[Expr, ...]
    late: tuple[Expr, ...] = ()


class Tuple(Node, frozen=True, array_like=True, tag="tuple", gc=False):
    items: tuple[Expr, ...]  # () is the unit


class Array(Node, frozen=True, array_like=True, tag="array", gc=False):
    items: tuple[Expr, ...]
    vec: bool = False


class Repeat(Node, frozen=True, array_like=True, tag="repeat", gc=False):
    item: Expr
    length: Expr
    vec: bool = False


class StructLit(Node, frozen=True, array_like=True, tag="struct", gc=False):
    path: Path
    fields: tuple[tuple[str, Expr], ...]  # the shorthand `x` is ("x", Local)
    base: Expr | None


class Range(Node, frozen=True, array_like=True, tag="range", gc=False):
    low: Expr | None
    high: Expr | None
    inclusive: bool


class Cast(Node, frozen=True, array_like=True, tag="cast", gc=False):
    operand: Expr
    target: TypeExpr


class Param(msgspec.Struct, frozen=True, array_like=True, gc=False):
    pattern: Pattern
    annotation: TypeExpr | None


class Use(Node, frozen=True, array_like=True, gc=False):
    """One use of an outer slot inside a closure: `slot` with the field path read from it, and how.

    fields: names of fields, "*" for a written dereference, "[]" for an index. modes:
    val (moved or copied: let, return, tail, struct field, captured by an inner move closure), arg (argument of a call: `f(r)` reborrows a `&mut T`),
    ref (`&x`, format macro), mut (`&mut x`), assign (`x = ..`), op-assign (`x += ..`), op (operand of arithmetic or
    an index), compare (operand of == < ..: by reference), call (`x()`), method (receiver; `name` is the method),
    scrutinee (matched; `pattern` says what it binds, several arms make a POr), iterate (head of `for`), await, try,
    deref-copy (`*x` read), none (`let _ = x`), opaque (in an unknown macro). `span` of the node = the place expression.
    """

    slot: int
    fields: tuple[str, ...]
    mode: str
    name: str = ""
    pattern: Pattern | None = None


class Closure(Node, frozen=True, array_like=True, tag="closure", gc=False):
    """`|x| ..` (kind "fn"), `async { .. }` ("async"), `async |x| ..` ("async fn").

    head: the range an editor underlines: `||`, `move |x|`, `async move`. insert: where `move ` would be inserted.
    uses: of slots declared outside, in order of appearance, uses by inner closures included (an inner move closure
    uses by val). declares: slots declared inside (params and lets).
    """

    kind: Literal["fn", "async", "async fn"]
    moves: bool
    head: tuple[int, int]
    insert: int
    params: tuple[Param, ...]
    output: TypeExpr | None
    body: Expr
    uses: tuple[Use, ...]


class Let(Node, frozen=True, array_like=True, tag="let", gc=False):
    """`let` in a condition: an operand of `if`, `while`, a match guard, possibly below `&&`."""

    pattern: Pattern
    value: Expr


class If(Node, frozen=True, array_like=True, tag="if", gc=False):
    condition: Expr
    then: Block
    orelse: Expr | None


class Arm(Node, frozen=True, array_like=True, gc=False):
    pattern: Pattern
    guard: Expr | None
    body: Expr
    cfg: tuple[str, ...] = ()


class Match(Node, frozen=True, array_like=True, tag="match", gc=False):
    scrutinee: Expr
    arms: tuple[Arm, ...]


class Loop(Node, frozen=True, array_like=True, tag="loop", gc=False):
    """loop: head None. while: head is the condition. for: head is the iterated expression, pattern its variable."""

    kind: Literal["loop", "while", "for"]
    pattern: Pattern | None
    head: Expr | None
    body: Block
    label: str


class Jump(Node, frozen=True, array_like=True, tag="jump", gc=False):
    kind: Literal["break", "continue", "return"]
    label: str
    value: Expr | None


class Try(Node, frozen=True, array_like=True, tag="?", gc=False):
    operand: Expr


class Await(Node, frozen=True, array_like=True, tag="await", gc=False):
    operand: Expr


class Unknown(Node, frozen=True, array_like=True, tag="unknown", gc=False):
    """Something that could not be read, or broken code: `parts` are evaluated, the value is unknown."""

    parts: tuple[Expr, ...]


class Block(Node, frozen=True, array_like=True, tag="block", gc=False):
    """scope: index into the body's `scopes` when the block declares items or uses, else -1.
    kind: "", "unsafe", "const", "try"."""

    statements: tuple[Statement, ...]
    tail: Expr | None
    label: str = ""
    kind: str = ""
    scope: int = -1


class LetStatement(Node, frozen=True, array_like=True, tag="let", gc=False):
    pattern: Pattern
    annotation: TypeExpr | None
    value: Expr | None
    orelse: Block | None
    cfg: tuple[str, ...] = ()


class ExprStatement(Node, frozen=True, array_like=True, tag="expr", gc=False):
    """semi is False for a block-like expression without `;` that is not the tail."""

    expr: Expr
    semi: bool
    cfg: tuple[str, ...] = ()


Statement = LetStatement | ExprStatement

Expr = (
    Local | PathX | Lit | Field | Index | Unary | Ref | Binary | Assign | Call | Method | Macro | Tuple | Array | Repeat
    | StructLit | Range | Cast | Closure | Let | If | Match | Loop | Jump | Try | Await | Unknown | Block
)  # fmt: skip


# ---------------------------------------------------------------- items

ItemKind = Literal[
    "fn", "struct", "enum", "union", "trait", "impl", "type", "static", "const", "mod", "use", "macro", "extern crate"
]  # fmt: skip


class UseDecl(Node, frozen=True, array_like=True, gc=False):
    """One leaf of a `use` tree: `segments` as written ("crate", "self", "super", "" for a leading `::`).

    `use a::b as c`: name "c". `use a::*`: name "*". `use a as _`: name "_"."""

    segments: tuple[str, ...]
    name: str
    public: bool


class Attributes(msgspec.Struct, frozen=True, array_like=True, gc=False):
    cfg: tuple[str, ...] = ()  # the texts inside cfg(..), white space removed
    derives: tuple[str, ...] = ()  # last segments
    test: bool = False  # any attribute whose last segment is `test`, or inside cfg(test)
    should_panic: bool = False
    allows: tuple[str, ...] = ()  # `clippy::await_holding_lock` from allow/expect
    path: str = ""  # #[path = ".."]
    macro_use: bool = False


class Item(Node, frozen=True, array_like=True, gc=False):
    """The head of an item: cheap to read, made for every item of every file. Details come from `detail`.

    name: "" for impl and use. public: any `pub`. members: of an inline module, trait or impl.
    uses: of a `use` item, flattened. inline: a `mod` with a body. receiver: of a fn with self: "self", "&self", "&mut self", "typed" (`self: T`), else "".
    """

    kind: ItemKind
    name: str
    name_start: int
    public: bool
    attributes: Attributes
    members: tuple[Item, ...] = ()
    uses: tuple[UseDecl, ...] = ()
    inline: bool = False
    receiver: str = ""


class Signature(Node, frozen=True, array_like=True, gc=False):
    """self_type: for a method, the type of self as written: TPath Self for `self`, TRef for `&self`, or what `self: T` says; None without.
    params: without self. When there is a self, its slot is 0."""

    generics: Generics
    self_type: TypeExpr | None
    params: tuple[Param, ...]
    output: TypeExpr | None
    is_async: bool
    is_unsafe: bool


class Scope(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Items declared inside a block of a body: their heads; `start` is the block's. parent: enclosing scope or -1."""

    start: int
    parent: int
    items: tuple[Item, ...]


class Slot(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A local variable: its name, the byte offset of its binding, and whether it is `mut`."""

    name: str
    start: int
    mutable: bool


class Body(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """slots: every local of the body and of its closures. value: usually a Block."""

    slots: tuple[Slot, ...]
    scopes: tuple[Scope, ...]
    value: Expr


class FnDetail(Node, frozen=True, array_like=True, tag="fn", gc=False):
    signature: Signature
    body: Body | None


class Variant(Node, frozen=True, array_like=True, gc=False):
    name: str
    fields: tuple[tuple[str, TypeExpr], ...]


class AdtDetail(Node, frozen=True, array_like=True, tag="adt", gc=False):
    """A struct or union has one variant that bears its own name."""

    generics: Generics
    variants: tuple[Variant, ...]


class TraitDetail(Node, frozen=True, array_like=True, tag="trait", gc=False):
    generics: Generics
    supertraits: tuple[Bound, ...]


class ImplDetail(Node, frozen=True, array_like=True, tag="impl", gc=False):
    generics: Generics
    trait: Path | None
    negative: bool
    self_type: TypeExpr


class AliasDetail(Node, frozen=True, array_like=True, tag="alias", gc=False):
    """A type alias or an associated type (`aliased` None when only bounded)."""

    generics: Generics
    bounds: tuple[Bound, ...]
    aliased: TypeExpr | None


class ValueDetail(Node, frozen=True, array_like=True, tag="value", gc=False):
    """A static or a const. thread_local: declared in `thread_local!`; lazy: in `lazy_static!`."""

    annotation: TypeExpr | None
    mutable: bool
    body: Body | None
    thread_local: bool = False
    lazy: bool = False


Detail = FnDetail | AdtDetail | TraitDetail | ImplDetail | AliasDetail | ValueDetail


class FileFacts(msgspec.Struct, frozen=True, array_like=True):
    """All that one file says. details: by the start offset of their item, nested items included."""

    items: tuple[Item, ...]
    details: dict[int, Detail]
    fragment: Body | None  # statements at top level: a book listing without `fn main`
    has_errors: bool


def nodes(root: Node) -> Iterator[Node]:
    """Every expression, statement and pattern below `root`, itself first, in order of the text."""
    waiting: list[object] = [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Node):
            yield item
            waiting.extend(getattr(item, name) for name in reversed(item.__struct_fields__))
        elif isinstance(item, tuple):
            waiting.extend(reversed(item))
        elif isinstance(item, Param | Arm):
            waiting.extend(getattr(item, name) for name in reversed(item.__struct_fields__))
