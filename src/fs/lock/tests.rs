use super::*;
use crate::error::Kind;

fn lock_file(target: &Path) -> PathBuf {
    parent(target).join(format!(".{}.lock", target.file_name().unwrap().display()))
}

#[test]
fn c4_the_holder_of_a_lock_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("v");
    let _held = Lock::of_file(&target, Duration::ZERO).unwrap();
    for timeout in [Duration::ZERO, Duration::from_millis(50)] {
        let error = Lock::of_file(&target, timeout).err().unwrap();
        assert_eq!(error.kind(), Kind::Busy);
        if cfg!(target_os = "linux") {
            assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
        }
    }
}

#[test]
fn a_lock_is_taken_once_it_is_free_and_otherwise_its_holder_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    std::fs::write(&path, "").unwrap();
    let open = || File::open(&path).unwrap();
    let held = open();
    held.lock().unwrap();
    let error = lock_held_briefly(&open(), &path, Duration::from_millis(1)).unwrap_err();
    assert_eq!(error.kind(), Kind::Busy);
    // The lock becomes free between two attempts, or long after the last one.
    for pause in [0, 60, 5_000] {
        held.lock().unwrap();
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| lock_held_briefly(&open(), &path, LOCK_TIMEOUT));
            std::thread::sleep(Duration::from_micros(pause));
            held.unlock().unwrap();
            waiter.join().unwrap().unwrap();
        });
    }
}

#[test]
fn files_that_readers_can_lock_do_not_block_writers() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("v");
    std::fs::write(&target, "").unwrap();
    let held = [directory.path(), &target].map(|path| File::open(path).unwrap());
    held.iter().for_each(|file| file.lock().unwrap());
    let lock = Lock::of_file(&target, Duration::ZERO).unwrap();
    assert_eq!(std::fs::metadata(lock_file(&target)).unwrap().mode() & 0o777, 0o600);
    drop(lock);
    assert!(!lock_file(&target).exists());
}

#[test]
fn a_user_who_can_write_the_directory_can_open_the_lock_file() {
    for (mode, expected) in [(0o755, 0o600), (0o775, 0o660), (0o777, 0o666)] {
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        let target = directory.path().join("v");
        let _lock = Lock::of_file(&target, Duration::ZERO).unwrap();
        assert_eq!(std::fs::metadata(lock_file(&target)).unwrap().mode() & 0o777, expected);
    }
}

#[test]
fn a_file_planted_in_the_place_of_the_lock_file_is_named_and_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    let (target, elsewhere) = (directory.path().join("v"), directory.path().join("elsewhere"));
    std::os::unix::fs::symlink(&elsewhere, lock_file(&target)).unwrap();
    assert!(Lock::of_file(&target, Duration::ZERO).err().unwrap().to_string().contains("in the way"));
    assert!(!elsewhere.exists());
    std::fs::remove_file(lock_file(&target)).unwrap();
    std::fs::create_dir(lock_file(&target)).unwrap();
    assert!(Lock::of_file(&target, Duration::ZERO).err().unwrap().to_string().contains("in the way"));
}

#[test]
fn a_lock_file_left_by_a_killed_writer_is_reused_and_removed() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("v");
    std::fs::write(lock_file(&target), "").unwrap();
    drop(Lock::of_file(&target, Duration::ZERO).unwrap());
    assert!(!lock_file(&target).exists());
}

#[test]
fn a_moving_queue_is_waited_for_and_a_stuck_holder_is_not() {
    let limit = Duration::from_millis(1);
    let (give, answer) = mpsc::sync_channel(1);
    let mut asked = 0;
    let moving = || {
        asked += 1;
        if asked == 4 {
            give.send(Ok(())).unwrap();
        }
        Some(asked)
    };
    assert!(answered(&answer, limit, moving).unwrap());
    assert!(!answered(&answer, limit, || Some(7)).unwrap());
    assert!(!answered(&answer, limit, || None).unwrap(), "on a system that doesn't show the holder");
}

#[test]
fn waiting_writers_get_the_lock_in_the_order_of_their_arrival() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("v");
    let held = Lock::of_file(&target, Duration::ZERO).unwrap();
    let inode = || std::fs::metadata(lock_file(&target)).unwrap().ino();
    let first = inode();
    let served = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for number in 0..5 {
            let (target, served) = (&target, &served);
            scope.spawn(move || {
                let _lock = Lock::of_file(target, LOCK_TIMEOUT).unwrap();
                served.lock().unwrap().push(number);
            });
            wait_for(number + 1, first);
        }
        assert_eq!(inode(), first);
        drop(held);
    });
    assert_eq!(served.into_inner().unwrap(), [0, 1, 2, 3, 4]);
    assert!(!lock_file(&target).exists(), "the last writer must remove the lock file");
}

/// Waits until the kernel's table shows this many waiters for the file.
fn wait_for(count: usize, inode: u64) {
    let waits = |line: &str| line.contains(" -> ") && line.contains(&format!(":{inode} "));
    while cfg!(target_os = "linux") {
        let table = std::fs::read_to_string("/proc/locks").unwrap();
        if table.lines().filter(|line| waits(line)).count() >= count {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(100));
}
