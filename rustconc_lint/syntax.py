"""Bytes -> syntax tree, and the numbers of the node kinds and fields of the Rust grammar.

The only module that knows the parser. Kinds and fields are compared by number: a kind's number costs half of its name
to ask for and a third to look up, and reading a file asks for millions. A parser is made at the first parse.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import tree_sitter_rust
from tree_sitter import Language, Node, Parser

__all__ = ["Node", "parse", "tokens"]

_LANGUAGE = Language(tree_sitter_rust.language())


@cache
def _parser() -> Parser:
    return Parser(_LANGUAGE)


def parse(data: bytes) -> Node:
    """The root of a tree for any bytes; what is not Rust becomes ERROR and missing nodes inside it."""
    return _parser().parse(data).root_node


def tokens(node: Node) -> Iterator[Node]:
    """The tokens of a tree from left to right, without comments; a string literal is one token."""
    pending = [node]
    while pending:
        node = pending.pop()
        if node.kind_id in COMMENTS:
            continue
        if node.child_count == 0 or node.kind_id == STRING or node.kind_id == RAW_STRING:
            yield node
        else:
            pending.extend(reversed(node.children))


def _kind(name: str) -> int:
    kind = _LANGUAGE.id_for_node_kind(name, True)
    assert kind is not None, name
    return kind


def _token(text: str) -> int:
    kind = _LANGUAGE.id_for_node_kind(text, False)
    assert kind is not None, text
    return kind


def _field(name: str) -> int:
    field = _LANGUAGE.field_id_for_name(name)
    assert field is not None, name
    return field


# Items
ASSOCIATED_TYPE = _kind("associated_type")
CONST_ITEM = _kind("const_item")
DECLARATION_LIST = _kind("declaration_list")
ENUM_ITEM = _kind("enum_item")
ENUM_VARIANT = _kind("enum_variant")
EXTERN_CRATE = _kind("extern_crate_declaration")
FIELD_DECLARATION = _kind("field_declaration")
FIELD_DECLARATION_LIST = _kind("field_declaration_list")
FOREIGN_MOD_ITEM = _kind("foreign_mod_item")
FUNCTION_ITEM = _kind("function_item")
FUNCTION_MODIFIERS = _kind("function_modifiers")
FUNCTION_SIGNATURE = _kind("function_signature_item")
IMPL_ITEM = _kind("impl_item")
MACRO_DEFINITION = _kind("macro_definition")
MACRO_RULE = _kind("macro_rule")
MOD_ITEM = _kind("mod_item")
ORDERED_FIELDS = _kind("ordered_field_declaration_list")
STATIC_ITEM = _kind("static_item")
STRUCT_ITEM = _kind("struct_item")
TRAIT_ITEM = _kind("trait_item")
TYPE_ITEM = _kind("type_item")
UNION_ITEM = _kind("union_item")
USE_DECLARATION = _kind("use_declaration")
USE_LIST = _kind("use_list")
SCOPED_USE_LIST = _kind("scoped_use_list")
USE_AS_CLAUSE = _kind("use_as_clause")
USE_WILDCARD = _kind("use_wildcard")
VISIBILITY = _kind("visibility_modifier")

# Attributes and trivia
ATTRIBUTE = _kind("attribute")
ATTRIBUTE_ITEM = _kind("attribute_item")
INNER_ATTRIBUTE_ITEM = _kind("inner_attribute_item")
LINE_COMMENT = _kind("line_comment")
BLOCK_COMMENT = _kind("block_comment")
SHEBANG = _kind("shebang")
TOKEN_TREE = _kind("token_tree")
TOKEN_TREE_PATTERN = _kind("token_tree_pattern")
TOKEN_BINDING_PATTERN = _kind("token_binding_pattern")
TOKEN_REPETITION = _kind("token_repetition")
TOKEN_REPETITION_PATTERN = _kind("token_repetition_pattern")
ERROR = 0xFFFF  # the same in every grammar

# Generics and types
ABSTRACT_TYPE = _kind("abstract_type")
ARRAY_TYPE = _kind("array_type")
BOUNDED_TYPE = _kind("bounded_type")
BRACKETED_TYPE = _kind("bracketed_type")
CONST_PARAMETER = _kind("const_parameter")
DYNAMIC_TYPE = _kind("dynamic_type")
FOR_LIFETIMES = _kind("for_lifetimes")
FUNCTION_TYPE = _kind("function_type")
GENERIC_TYPE = _kind("generic_type")
GENERIC_TYPE_TURBOFISH = _kind("generic_type_with_turbofish")
HIGHER_RANKED = _kind("higher_ranked_trait_bound")
LIFETIME = _kind("lifetime")
LIFETIME_PARAMETER = _kind("lifetime_parameter")
NEVER_TYPE = _kind("never_type")
PARAMETER = _kind("parameter")
PARAMETERS = _kind("parameters")
POINTER_TYPE = _kind("pointer_type")
PRIMITIVE_TYPE = _kind("primitive_type")
QUALIFIED_TYPE = _kind("qualified_type")
REFERENCE_TYPE = _kind("reference_type")
REMOVED_BOUND = _kind("removed_trait_bound")
SCOPED_TYPE = _kind("scoped_type_identifier")
SELF_PARAMETER = _kind("self_parameter")
TRAIT_BOUNDS = _kind("trait_bounds")
TUPLE_TYPE = _kind("tuple_type")
TYPE_ARGUMENTS = _kind("type_arguments")
TYPE_BINDING = _kind("type_binding")
TYPE_IDENTIFIER = _kind("type_identifier")
TYPE_PARAMETER = _kind("type_parameter")
UNIT_TYPE = _kind("unit_type")
USE_BOUNDS = _kind("use_bounds")
VARIADIC_PARAMETER = _kind("variadic_parameter")
WHERE_CLAUSE = _kind("where_clause")
WHERE_PREDICATE = _kind("where_predicate")

# Names and paths
CRATE = _kind("crate")
FIELD_IDENTIFIER = _kind("field_identifier")
GENERIC_FUNCTION = _kind("generic_function")
IDENTIFIER = _kind("identifier")
METAVARIABLE = _kind("metavariable")
SCOPED_IDENTIFIER = _kind("scoped_identifier")
SELF = _kind("self")
SUPER = _kind("super")

# Patterns
CAPTURED_PATTERN = _kind("captured_pattern")
FIELD_PATTERN = _kind("field_pattern")
GENERIC_PATTERN = _kind("generic_pattern")
MATCH_PATTERN = _kind("match_pattern")
MUTABLE_SPECIFIER = _kind("mutable_specifier")
MUT_PATTERN = _kind("mut_pattern")
NEGATIVE_LITERAL = _kind("negative_literal")
OR_PATTERN = _kind("or_pattern")
RANGE_PATTERN = _kind("range_pattern")
REFERENCE_PATTERN = _kind("reference_pattern")
REF_PATTERN = _kind("ref_pattern")
REMAINING_FIELDS = _kind("remaining_field_pattern")
SLICE_PATTERN = _kind("slice_pattern")
STRUCT_PATTERN = _kind("struct_pattern")
TUPLE_PATTERN = _kind("tuple_pattern")
TUPLE_STRUCT_PATTERN = _kind("tuple_struct_pattern")

# Statements and expressions
ARGUMENTS = _kind("arguments")
ARRAY = _kind("array_expression")
ASSIGNMENT = _kind("assignment_expression")
ASYNC_BLOCK = _kind("async_block")
AWAIT = _kind("await_expression")
BASE_FIELD = _kind("base_field_initializer")
BINARY = _kind("binary_expression")
BLOCK = _kind("block")
BOOLEAN = _kind("boolean_literal")
BREAK = _kind("break_expression")
CALL = _kind("call_expression")
CHAR = _kind("char_literal")
CLOSURE = _kind("closure_expression")
CLOSURE_PARAMETERS = _kind("closure_parameters")
COMPOUND_ASSIGNMENT = _kind("compound_assignment_expr")
CONST_BLOCK = _kind("const_block")
CONTINUE = _kind("continue_expression")
ELSE_CLAUSE = _kind("else_clause")
EMPTY_STATEMENT = _kind("empty_statement")
EXPRESSION_STATEMENT = _kind("expression_statement")
FIELD = _kind("field_expression")
FIELD_INITIALIZER = _kind("field_initializer")
FLOAT = _kind("float_literal")
FOR = _kind("for_expression")
GEN_BLOCK = _kind("gen_block")
IF = _kind("if_expression")
INDEX = _kind("index_expression")
INTEGER = _kind("integer_literal")
LABEL = _kind("label")
LET = _kind("let_declaration")
LET_CHAIN = _kind("let_chain")
LET_CONDITION = _kind("let_condition")
LOOP = _kind("loop_expression")
MACRO = _kind("macro_invocation")
MATCH = _kind("match_expression")
MATCH_ARM = _kind("match_arm")
PARENTHESIZED = _kind("parenthesized_expression")
RANGE = _kind("range_expression")
RAW_STRING = _kind("raw_string_literal")
REFERENCE = _kind("reference_expression")
RETURN = _kind("return_expression")
SHORTHAND_FIELD = _kind("shorthand_field_initializer")
STRING = _kind("string_literal")
STRUCT = _kind("struct_expression")
TRY = _kind("try_expression")
TRY_BLOCK = _kind("try_block")
TUPLE = _kind("tuple_expression")
TYPE_CAST = _kind("type_cast_expression")
UNARY = _kind("unary_expression")
UNIT = _kind("unit_expression")
UNSAFE_BLOCK = _kind("unsafe_block")
WHILE = _kind("while_expression")
YIELD = _kind("yield_expression")

# Tokens
T_ARROW = _token("->")
T_ASYNC = _token("async")
T_BANG = _token("!")
T_COLON = _token(":")
T_COMMA = _token(",")
T_CONST = _token("const")
T_DOT = _token(".")
T_EQ = _token("=")
T_FAT_ARROW = _token("=>")
T_GT = _token(">")
T_HASH = _token("#")
T_IF = _token("if")
T_LBRACE = _token("{")
T_LBRACKET = _token("[")
T_LPAREN = _token("(")
T_MOVE = _token("move")
T_PERCENT = _token("%")
T_PUB = _token("pub")
T_QUESTION = _token("?")
T_RAW = _token("raw")
T_RBRACE = _token("}")
T_RBRACKET = _token("]")
T_REF = _token("ref")
T_RPAREN = _token(")")
T_SEMICOLON = _token(";")
T_STAR = _token("*")
T_UNDERSCORE = _token("_")
T_UNSAFE = _token("unsafe")
T_ELSE = _token("else")

# Fields
F_ALIAS = _field("alias")
F_ARGUMENT = _field("argument")
F_ALTERNATIVE = _field("alternative")
F_ARGUMENTS = _field("arguments")
F_BODY = _field("body")
F_BOUNDS = _field("bounds")
F_CONDITION = _field("condition")
F_CONSEQUENCE = _field("consequence")
F_DEFAULT_TYPE = _field("default_type")
F_ELEMENT = _field("element")
F_FIELD = _field("field")
F_FUNCTION = _field("function")
F_LEFT = _field("left")
F_LENGTH = _field("length")
F_LIST = _field("list")
F_MACRO = _field("macro")
F_NAME = _field("name")
F_OPERATOR = _field("operator")
F_PARAMETERS = _field("parameters")
F_PATH = _field("path")
F_PATTERN = _field("pattern")
F_RETURN_TYPE = _field("return_type")
F_RIGHT = _field("right")
F_TRAIT = _field("trait")
F_TYPE = _field("type")
F_TYPE_ARGUMENTS = _field("type_arguments")
F_TYPE_PARAMETERS = _field("type_parameters")
F_VALUE = _field("value")

COMMENTS = frozenset((LINE_COMMENT, BLOCK_COMMENT))
