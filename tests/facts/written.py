"""Facts as short text, so that an expectation fits on the line below its Rust.

A local is `name` and the number of its slot (`x0`), a use of an outer slot `name.field:mode`, everything else a list
that begins with what it is: `(call f x0)`, `(.push v1 1)`, `(if c a b)`. Types are written as Rust, without spaces.
"""

from __future__ import annotations

from collections.abc import Sequence

from rustconc_lint.facts import model as f
from rustconc_lint.facts.file import RustFile
from rustconc_lint.source import SourceFile


def read(text: str | bytes) -> RustFile:
    """A file with this text."""
    return RustFile(SourceFile("case.rs", text if isinstance(text, bytes) else text.encode()))


def body_of(text: str) -> f.Body:
    """The body of the function `f() { text }`."""
    file = read("fn f() {" + text + "}")
    detail = file.detail(file.items[0])
    assert isinstance(detail, f.FnDetail)
    assert detail.body is not None
    return detail.body


def body(text: str) -> str:
    """The statements `text`, written as facts."""
    read_body = body_of(text)
    assert isinstance(read_body.value, f.Block)
    return Writer(read_body.slots).statements(read_body.value)


def uses(text: str) -> str:
    """The uses of the first closure among the statements `text`."""
    read_body = body_of(text)
    closure = next(node for node in f.nodes(read_body.value) if isinstance(node, f.Closure))
    return Writer(read_body.slots).uses(closure.uses)


class Writer:
    """Writes facts; `slots` gives the names of locals."""

    def __init__(self, slots: Sequence[f.Slot] = ()) -> None:
        self.slots = slots

    def local(self, slot: int) -> str:
        return f"{self.slots[slot].name}{slot}"

    def uses(self, uses: Sequence[f.Use]) -> str:
        parts = []
        for use in uses:
            name = f"({use.name})" if use.name else f"({self.pattern(use.pattern)})" if use.pattern else ""
            parts.append(".".join([self.slots[use.slot].name, *use.fields]) + f":{use.mode}{name}")
        return " ".join(parts)

    def statements(self, block: f.Block) -> str:
        parts = [self.statement(s) for s in block.statements]
        if block.tail is not None:
            parts.append("=> " + self.expr(block.tail))
        return "; ".join(parts)

    def statement(self, s: f.Statement) -> str:
        cfg = "".join(f"#{text} " for text in s.cfg)
        if isinstance(s, f.ExprStatement):
            return cfg + self.expr(s.expr) + ("" if s.semi else "~")
        parts = [self.pattern(s.pattern)]
        if s.annotation is not None:
            parts[0] += ":" + written(s.annotation)
        if s.value is not None:
            parts.append(self.expr(s.value))
        if s.orelse is not None:
            parts.append("else " + self.expr(s.orelse))
        return f"{cfg}(let {' '.join(parts)})"

    def list(self, head: str, *parts: f.Expr | str | None) -> str:
        texts = [part if isinstance(part, str) else self.expr(part) for part in parts if part is not None]
        return f"({' '.join([head, *texts])})"

    def expr(self, e: f.Expr) -> str:
        match e:
            case f.Local(slot=slot):
                return self.local(slot)
            case f.PathX(path=path):
                return path_text(path)
            case f.Lit(kind=kind, text=text):
                return f"{text}:{kind}" if kind not in ("int", "float", "bool") and text else text or kind
            case f.Field(base=base, name=name):
                return f"{self.expr(base)}.{name}"
            case f.Index(base=base, index=index):
                return f"{self.expr(base)}[{self.expr(index)}]"
            case f.Unary(op=op, operand=operand):
                return self.list(op, operand)
            case f.Ref(kind=kind, operand=operand):
                return self.list("&" + kind.replace(" ", "-"), operand)
            case f.Binary(op=op, left=left, right=right):
                return self.list(op, left, right)
            case f.Assign(op=op, target=target, value=value):
                return self.list(op + "=", target, value)
            case f.Try(operand=operand):
                return self.list("?", operand)
            case f.Await(operand=operand):
                return self.list("await", operand)
            case f.Cast(operand=operand, target=target):
                return self.list("as", operand, written(target))
            case f.Range(low=low, high=high, inclusive=inclusive):
                bounds = ["" if bound is None else self.expr(bound) for bound in (low, high)]
                return f"({bounds[0]}..{'=' if inclusive else ''}{bounds[1]})"
            case f.Jump(kind=kind, label=label, value=value):
                return self.list(kind, "'" + label if label else None, value)
            case f.Unknown(parts=parts):
                return self.list("unknown", *parts)
            case f.Block():
                return self.block(e)
            case _:
                return self.compound(e)

    def block(self, e: f.Block) -> str:
        head = f"'{e.label}:" if e.label else ""
        return f"{head}{e.kind}{{{self.statements(e)}}}"

    def compound(self, e: f.Expr) -> str:
        match e:
            case f.Call(callee=callee, args=args):
                return self.list("call", callee, *args)
            case f.Method(receiver=receiver, name=name, type_args=types, args=args):
                turbofish = f"<{','.join(map(written, types))}>" if types else ""
                return self.list("." + name + turbofish, receiver, *args)
            case f.Macro(path=path, family=family, args=args, late=late):
                texts = [self.expr(arg) for arg in args] + ["| " + self.expr(arg) for arg in late]
                return f"({' '.join([path_text(path) + '!' + family, *texts])})"
            case f.Tuple(items=items):
                return self.list("tuple", *items)
            case f.Array(items=items, vec=vec):
                return self.list("vec" if vec else "array", *items)
            case f.Repeat(item=item, length=length, vec=vec):
                return self.list("vec" if vec else "array", item, ";", length)
            case f.StructLit(path=path, fields=fields, base=base):
                named = [f"{name}:{self.expr(value)}" for name, value in fields]
                return self.list(path_text(path), *named, None if base is None else ".." + self.expr(base))
            case f.Let(pattern=pattern, value=value):
                return self.list("let", self.pattern(pattern), value)
            case f.If(condition=condition, then=then, orelse=orelse):
                return self.list("if", condition, then, orelse)
            case f.Match(scrutinee=scrutinee, arms=arms):
                return self.list("match", scrutinee, *map(self.arm, arms))
            case f.Loop(kind=kind, pattern=variable, head=head, body=inner, label=label):
                bound = None if variable is None else self.pattern(variable)
                return self.list(("'" + label + ":" if label else "") + kind, bound, head, inner)
            case f.Closure(kind=kind, moves=moves, params=params, body=inner):
                names = [
                    self.pattern(p.pattern) + (":" + written(p.annotation) if p.annotation else "") for p in params
                ]
                return self.list(("move " if moves else "") + kind, "|" + ",".join(names) + "|", inner)
        raise AssertionError(type(e))

    def arm(self, arm: f.Arm) -> str:
        guard = "" if arm.guard is None else f" if {self.expr(arm.guard)}"
        return (
            "".join(f"#{text} " for text in arm.cfg) + f"[{self.pattern(arm.pattern)}{guard} => {self.expr(arm.body)}]"
        )

    def pattern(self, p: f.Pattern) -> str:
        match p:
            case f.PWild():
                return "_"
            case f.PRest():
                return ".."
            case f.PBind(slot=slot, by_ref=by_ref, mutable=mutable, sub=sub):
                head = {"": "", "ref": "ref ", "mut": "ref mut "}[by_ref] + ("mut " if mutable else "")
                return head + self.local(slot) + ("" if sub is None else "@" + self.pattern(sub))
            case f.PTuple(items=items):
                return f"({','.join(map(self.pattern, items))})"
            case f.PSlice(items=items):
                return f"[{','.join(map(self.pattern, items))}]"
            case f.POr(items=items):
                return "|".join(map(self.pattern, items))
            case f.PRef(inner=inner):
                return "&" + self.pattern(inner)
            case f.PPath(path=path):
                return path_text(path)
            case f.PStruct(path=path, fields=fields, tuple_like=tuple_like):
                named = ",".join(f"{name}:{self.pattern(field)}" for name, field in fields)
                return path_text(path) + (f"({named})" if tuple_like else f"{{{named}}}")
        return "literal"


def path_text(path: f.Path) -> str:
    """A path as Rust; the trait of a qualified one stands behind `as`."""
    names = [segment_text(segment) for segment in path.segments]
    if path.qself is None:
        return "::".join(names)
    if path.qtrait:
        return f"<{written(path.qself)} as {'::'.join(names[:-1])}>::{names[-1]}"
    return f"<{written(path.qself)}>::{'::'.join(names)}"


def segment_text(segment: f.Segment) -> str:
    """A segment with its arguments and bindings."""
    arguments = [written(arg) for arg in segment.args] + [f"{name}={written(to)}" for name, to in segment.bindings]
    return segment.name + (f"<{','.join(arguments)}>" if arguments else "")


def written(t: f.TypeExpr | None) -> str:
    """A type as Rust without optional spaces."""
    match t:
        case f.TPath(path=path):
            return path_text(path)
        case f.TRef(lifetime=lifetime, mutable=mutable, inner=inner):
            return "&" + (f"'{lifetime} " if lifetime else "") + ("mut " if mutable else "") + written(inner)
        case f.TPtr(mutable=mutable, inner=inner):
            return ("*mut " if mutable else "*const ") + written(inner)
        case f.TTuple(items=items):
            return f"({','.join(map(written, items))})"
        case f.TArray(inner=inner):
            return f"[{written(inner)};N]"
        case f.TSlice(inner=inner):
            return f"[{written(inner)}]"
        case f.TFn(params=params, output=output):
            return f"fn({','.join(map(written, params))})" + ("" if output is None else "->" + written(output))
        case f.TDyn(bounds=bounds):
            return "dyn " + bounds_text(bounds)
        case f.TImpl(bounds=bounds):
            return "impl " + bounds_text(bounds)
        case f.TNever():
            return "!"
    return "_"


def bounds_text(bounds: Sequence[f.Bound]) -> str:
    """Bounds joined by `+`."""
    return "+".join(
        ("?" if bound.maybe else "") + (path_text(bound.path) if bound.path is not None else "'" + bound.lifetime)
        for bound in bounds
    )
