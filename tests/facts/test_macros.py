"""Macros: their arguments are read as Rust, by the grammar of each family, at their own places in the file."""

from __future__ import annotations

import pytest

from rustconc_lint.facts import model as f
from tests.facts.written import body, body_of

FAMILIES = [
    ('println!("{} {}", a, b.c());', "(println!format a (.c b))"),
    ('let x = 1; print!("{x} {y:?} {}", z);', "(let x0 1); (print!format z x0 y)"),
    ('format!("{0:>w$} {n:.*} {{no}} {}", a, n = b);', "(format!format a b w)"),
    ('std::println!("{x}{x}");', "(std::println!format x)"),  # a name is captured once
    ('println!("\\u{1F600}{a}\\{b}");', "(println!format a)"),
    ('println!(r#"{a}\\u{b}"#);', "(println!format a b)"),
    ('println!("{self}{r#type}");', "(println!format self type)"),
    ('panic!(); todo!(); unreachable!("{x}");', "(panic!format); (todo!format); (unreachable!format x)"),
    ('write!(f, "{}", x)?; writeln!(f);', "(? (write!write f x)); (writeln!write f)"),
    ('assert!(a, "m {b}"); assert_eq!(a, b, "{}", c);', "(assert!assert a | b); (assert_eq!assert a b | c)"),
    ('debug_assert_ne!(a, b); ensure!(x > 1, "{y}");', "(debug_assert_ne!assert a b); (ensure!assert (> x 1) | y)"),
    ("dbg!(a, b);", "(dbg!dbg a b)"),
    ("vec![a, b(c)]; vec![x; n]; vec![]; vec!(1, 2,);", "(vec a (call b c)); (vec x ; n); (vec); (vec 1 2)"),
    (
        "matches!(a.b(), Some(x) | X(x) if x > 1);",
        "(match (.b a) [Some(0:x0)|X(0:x0) if (> x0 1) => true] [_ => false])",
    ),
    ("matches!(a, B { .. },);", "(match a [B{..:..} => true] [_ => false])"),
    ("addr_of!(a.b); std::ptr::addr_of_mut!(*x);", "(&raw a.b); (&raw-mut (* x))"),
    ('anyhow!("a {x}"); bail!(e); ready!(f());', "(anyhow!format x); (bail!value e); (ready!value (call f))"),
    ("tokio::join!(a, b()); try_join!(biased; c);", "(tokio::join!join a (call b)); (try_join!join c)"),
    (
        "assert_ok!(tx.send(1)); pin!(f(x)); pin!(x);",
        "(assert_ok!value (.send tx 1)); (pin!value (call f x)); (pin!opaque)",
    ),
    ("tokio::pin! { let x = f(); } x;", "(let x0 (call f)); x0"),
    ("include_str!(x); stringify!(x);", "(include_str!opaque); (stringify!opaque)"),
    ('println! { "{}", x }', "=> (println!format x)"),
    ('let x = 1; m!(y, x.z, a.x, x + x); m!{ "{x}" }', "(let x0 1); (m!opaque x0); => (m!opaque x0)"),
    ('let x = 1; println!("{}", x;);', "(let x0 1); (println!opaque x0)"),  # an error stays in its macro
    ('println!("{}", vec![format!("{x}")]); f();', "(println!format (vec (format!format x))); (call f)"),
]
LOGS = [
    ('info!("m {x}", y);', "(info!format y x)"),
    ('debug!(target: "t", "m {}", x);', "(debug!format x)"),
    ('warn!(target: t, x, "m");', "(warn!format t x)"),
    ('error!(parent: &s, a = ?x, b.c = %y, z, ?p, %q, "m {w}");', "(error!format (& s) x y z p q w)"),
    ('trace!({ a = 1, b = ?x }, "m");', "(trace!format 1 x)"),
    ('event!(Level::INFO, { a, %b }, "m");', "(event!format Level::INFO a b)"),
    ('info_span!("n", a = x.f(), b);', "(info_span!format (.f x) b)"),
    ('tracing::span!(Level::INFO, "n", %x);', "(tracing::span!format Level::INFO x)"),
    ('info!(log, "m {}", x; "k" => v, "j" => %w, o!("a" => ?b));', "(info!format log x str v str w (o!format b))"),
    ('info!(key = v, k2:? = w; "m {x}");', "(info!format v w x)"),
    ('log::log!(target: "t", Level::Info, "m {x}");', "(log::log!format Level::Info x)"),
]
SELECTS = [
    (
        "tokio::select! { Some(x) = rx.recv(), if a => { x } _ = b() => c, else => break }",
        "=> (tokio::select!select (match (await (.recv rx)) [Some(0:x0) if a => {=> x0}])"
        " (match (await (call b)) [_ => c]) (break))",
    ),
    (
        "select! { biased; r = &mut f => f(r), complete => {}, default => () };",
        "(select!select (match (await (&mut f)) [r0 => (call f r0)]) {} (tuple))",
    ),
    (
        "select! { recv(r) -> m => f(m), send(t, v) -> _ => {}, default(d) => e };",
        "(select!select (match (.recv r) [m0 => (call f m0)]) (match (.send t v) [_ => {}]) (match d [_ => e]))",
    ),
    (
        "select! { x = a => { b }.c(), y = d => e, };",
        "(select!select (match (await a) [x0 => (.c {=> b})]) (match (await d) [y1 => e]))",
    ),
    ("let x = 1; select! { not rust x }", "(let x0 1); => (select!opaque x0)"),
]


@pytest.mark.parametrize(("rust", "expected"), FAMILIES + LOGS + SELECTS)
def test_families(rust: str, expected: str) -> None:
    assert body(rust) == expected


PLACES = [
    ('println!("é {name:?} {0:width$}", arg)', ["arg", "name", "width"]),
    ('println!(r#"{name}"#)', ["name"]),
    ('info!(target: "t", a = ?arg, %name, "m {z}")', ["arg", "name", "z"]),
    ('info!(log, "m"; "k" => %v)', ["log", '"k"', "v"]),
    ("vec![arg, f(name)]", ["arg", "f(name)"]),
    ("select! { x = fut() => name }", ["x = fut() => name"]),
]


@pytest.mark.parametrize(("rust", "expected"), PLACES)
def test_what_is_read_again_keeps_its_place_in_the_file(rust: str, expected: list[str]) -> None:
    file = f"fn f() {{let é = {rust};}}".encode()
    statement = body_of(f"let é = {rust};").value
    assert isinstance(statement, f.Block)
    let = statement.statements[0]
    assert isinstance(let, f.LetStatement)
    read = let.value
    parts = read.args if isinstance(read, f.Macro) else read.items if isinstance(read, f.Array) else ()
    assert [file[part.start : part.end].decode() for part in parts] == expected
