"""Items of std that the language itself knows: what operators, `for`, `?`, `.await` and ranges stand for.

Sources: Reference, "Operator expressions", "Loops", "The `?` operator", "Await expressions", "Range expressions".
"""

from __future__ import annotations

from rustconc_lint.program.types import Prim

BOOL, CHAR, STR, U8, U32, USIZE = (Prim(name) for name in ("bool", "char", "str", "u8", "u32", "usize"))

FN_TRAITS = frozenset(("std::ops::FnOnce", "std::ops::FnMut", "std::ops::Fn"))
ASYNC_FN_TRAITS = frozenset(("std::ops::AsyncFnOnce", "std::ops::AsyncFnMut", "std::ops::AsyncFn"))
FUTURE, INTO_FUTURE = "std::future::Future", "std::future::IntoFuture"
INTO_ITERATOR = "std::iter::IntoIterator"
DEREF, INDEX = "std::ops::Deref", "std::ops::Index"
CLONE, COPY, DEFAULT = "std::clone::Clone", "std::marker::Copy", "std::default::Default"

BOX, STRING, VEC = "std::boxed::Box", "std::string::String", "std::vec::Vec"
OPTION, RESULT, POLL, PIN = "std::option::Option", "std::result::Result", "std::task::Poll", "std::pin::Pin"
CONTROL_FLOW = "std::ops::ControlFlow"

# Written type, low bound given, high bound given, inclusive -> the struct that a range expression makes.
RANGES = {
    (True, True, False): "std::ops::Range",
    (True, False, False): "std::ops::RangeFrom",
    (False, True, False): "std::ops::RangeTo",
    (False, False, False): "std::ops::RangeFull",
    (True, True, True): "std::ops::RangeInclusive",
    (False, True, True): "std::ops::RangeToInclusive",
}
RANGE_PATHS = frozenset(RANGES.values())

BINARY_TRAITS = {
    "+": ("std::ops::Add", "add"),
    "-": ("std::ops::Sub", "sub"),
    "*": ("std::ops::Mul", "mul"),
    "/": ("std::ops::Div", "div"),
    "%": ("std::ops::Rem", "rem"),
    "&": ("std::ops::BitAnd", "bitand"),
    "|": ("std::ops::BitOr", "bitor"),
    "^": ("std::ops::BitXor", "bitxor"),
    "<<": ("std::ops::Shl", "shl"),
    ">>": ("std::ops::Shr", "shr"),
}
ASSIGN_TRAITS = {op: (f"{trait}Assign", f"{name}_assign") for op, (trait, name) in BINARY_TRAITS.items()}
COMPARE_TRAITS = {
    "==": ("std::cmp::PartialEq", "eq"),
    "!=": ("std::cmp::PartialEq", "ne"),
    "<": ("std::cmp::PartialOrd", "lt"),
    "<=": ("std::cmp::PartialOrd", "le"),
    ">": ("std::cmp::PartialOrd", "gt"),
    ">=": ("std::cmp::PartialOrd", "ge"),
}
UNARY_TRAITS = {"-": ("std::ops::Neg", "neg"), "!": ("std::ops::Not", "not")}

# What `#[derive(..)]` names stand for.
DERIVES = {
    "std::clone::Clone": "Clone",
    "std::marker::Copy": "Copy",
    "std::default::Default": "Default",
    "std::fmt::Debug": "Debug",
    "std::cmp::PartialEq": "PartialEq",
    "std::cmp::Eq": "Eq",
    "std::cmp::PartialOrd": "PartialOrd",
    "std::cmp::Ord": "Ord",
    "std::hash::Hash": "Hash",
}
# Bounds that teach inference nothing and hold, or do not, by structure.
MARKERS = frozenset(
    f"std::marker::{name}" for name in ("Send", "Sync", "Sized", "Unpin", "Copy", "UnwindSafe", "RefUnwindSafe")
) | {"std::panic::UnwindSafe", "std::panic::RefUnwindSafe"}
