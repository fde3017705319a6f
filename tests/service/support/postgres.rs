//! PostgreSQL for the tests: one private cluster per test binary, one database per test.
//!
//! With `CONSULAR_TEST_POSTGRES` set to the address of a server (`postgres://user@host/database`) databases are made there and
//! left behind. Otherwise a cluster with `fsync` on is made in a temporary folder and reached over a Unix socket only. It
//! ends with the test process however that ends: a watching shell holds the other end of a pipe and stops the server when the
//! pipe closes.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, Database};
use tokio::sync::OnceCell;

static SERVER: OnceCell<Server> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

struct Server {
    /// Address of the maintenance database.
    url: String,
    /// Kept for its open pipe.
    _watcher: Option<Child>,
}

/// The address of a new, empty database.
pub async fn new_database() -> String {
    let server = SERVER.get_or_init(|| async { start() }).await;
    let name = format!("consular_test_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
    let admin = Database::connect(&server.url).await.expect("the test server answers");
    // template0, because template1 cannot be copied while anybody is connected to it.
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE template0"))
        .await
        .expect("a database can be made");
    admin.close().await.expect("the connection closes");
    replace_database(&server.url, &name)
}

/// The address of another database on the same server.
fn replace_database(url: &str, name: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, None), |(a, p)| (a, Some(p)));
    let (server, _) = address.rsplit_once('/').expect("an address names a database");
    parameters.map_or(format!("{server}/{name}"), |parameters| format!("{server}/{name}?{parameters}"))
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment which server to use")]
fn start() -> Server {
    if let Ok(url) = std::env::var("CONSULAR_TEST_POSTGRES") {
        return Server { url, _watcher: None };
    }
    // Short, because the path of a socket has at most 107 bytes.
    let folder = std::env::temp_dir().join(format!("consular-pg-{}", std::process::id()));
    std::fs::create_dir(&folder).expect("a temporary folder can be made");
    let folder_text = folder.to_str().expect("the temporary folder has a plain name").to_owned();
    if is_root() {
        run(Command::new("chown").args(["postgres", &folder_text]));
    }
    let data = format!("{folder_text}/data");
    run(as_postgres("initdb").args(["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]));
    // Watched before it is started, so that no moment is left in which it could stay behind.
    let watcher = watch(&folder);
    let settings =
        format!("-c listen_addresses= -c unix_socket_directories={folder_text} -c max_connections=300 -c fsync=on");
    let log = format!("{folder_text}/log");
    run(as_postgres("pg_ctl").args(["-D", &data, "-w", "-l", &log, "-o", &settings, "start"]));
    Server { url: format!("postgres://postgres@localhost/postgres?host={folder_text}"), _watcher: Some(watcher) }
}

/// Stops the server and removes its folder once this process is gone.
fn watch(folder: &Path) -> Child {
    let stop = if is_root() { "runuser -u postgres -- \"$0\"" } else { "\"$0\"" };
    let script = format!("trap '' INT TERM HUP; read -r _; {stop} -D \"$1/data\" -m immediate stop; rm -rf \"$1\"");
    Command::new("sh")
        .args(["-c", &script])
        .arg(program("pg_ctl"))
        .arg(folder)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell can be started")
}

/// A command of PostgreSQL. The server refuses to run as root.
fn as_postgres(name: &str) -> Command {
    let program = program(name);
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}

/// Debian keeps the server's programs out of the path.
fn program(name: &str) -> PathBuf {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|folders| folders.flatten().map(|folder| folder.path().join("bin").join(name)).collect())
        .unwrap_or_default();
    versions.retain(|path| path.exists());
    versions.sort();
    versions.pop().unwrap_or_else(|| PathBuf::from(name))
}

fn is_root() -> bool {
    let user = Command::new("id").arg("-u").output().expect("id can be run");
    user.stdout.trim_ascii() == b"0"
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().expect("a program of PostgreSQL can be started");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
