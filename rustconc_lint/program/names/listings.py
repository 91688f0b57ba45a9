"""What a book listing means by names it never imports: std's well-known names of concurrency.

Only asked for loose files, and only for names that the file neither declares nor imports anywhere.
"""

from __future__ import annotations

from rustconc_lint.facts.file import RustFile
from rustconc_lint.facts.model import Item

_IN_MODULES = {
    "std::sync": (
        "Arc Mutex MutexGuard RwLock RwLockReadGuard RwLockWriteGuard Condvar Barrier Once OnceLock LazyLock "
        "PoisonError TryLockError LockResult mpsc atomic"
    ),
    "std::sync::mpsc": "Sender SyncSender Receiver channel sync_channel RecvError SendError TryRecvError",
    "std::sync::atomic": (
        "AtomicBool AtomicI8 AtomicI16 AtomicI32 AtomicI64 AtomicIsize AtomicPtr AtomicU8 AtomicU16 AtomicU32 "
        "AtomicU64 AtomicUsize"
    ),
    "std": "thread mem",
    "std::thread": "JoinHandle",
    "std::rc": "Rc",
    "std::cell": "Cell RefCell OnceCell",
    "std::time": "Duration Instant",
    "std::collections": "HashMap HashSet VecDeque BTreeMap BTreeSet BinaryHeap",
}
WELL_KNOWN: dict[str, tuple[str, ...]] = {
    name: (*module.split("::"), name) for module, names in _IN_MODULES.items() for name in names.split()
}


def declared_names(file: RustFile) -> frozenset[str]:
    """All names that items of the file declare or import, at any level outside of bodies."""
    names: set[str] = set()
    pending: list[Item] = list(file.items)
    while pending:
        item = pending.pop()
        names.add(item.name)
        names.update(decl.name for decl in item.uses)
        pending.extend(item.members)
    return frozenset(names)
