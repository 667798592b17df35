//! Where and when the numbers were made.

use std::process::Command;

use crate::load::CONNECTIONS;
use crate::options::Options;
use crate::table::tell;

/// What a reader of the table must know.
pub(crate) fn caption(options: &Options) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    if options.wants("scale") && !options.large {
        tell(
            "The store of 5,000 campaigns takes a minute and was left out: ask for it with --large.",
        );
    }
    format!(
        "Measured on {date}: {processor}, {cores} cores, {system}, {rust}, MariaDB {database}, Redis {redis}. \
         {rounds} rounds of {seconds} s per server, by turns, medians; {CONNECTIONS} connections, one \
         request at a time on each, half of them from returning visitors. Products and ceilings answer \
         in one thread each; the load generator has another.\n",
        date = first_line("date", &["-u", "+%F"]),
        processor = processor(),
        system = first_line("uname", &["-sr"]),
        rust = first_line("rustc", &["--version"]),
        database = word("mariadb", "-MariaDB,").replace("-MariaDB,", ""),
        redis = word("redis-server", "v=").replace("v=", ""),
        rounds = options.rounds(),
        seconds = options.round().as_secs_f64(),
    )
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|it| it.strip_prefix("model name")?.split(": ").nth(1));
    model.unwrap_or("an unknown processor").to_owned()
}

/// The first line of what a program prints, up to the first parenthesis.
fn first_line(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text =
        output.map(|it| String::from_utf8_lossy(&it.stdout).into_owned()).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    line.split(" (").next().unwrap_or_default().to_owned()
}

/// The word of a program's version that contains this.
fn word(program: &str, part: &str) -> String {
    let line = first_line(program, &["--version"]);
    line.split(' ').find(|it| it.contains(part)).unwrap_or_default().to_owned()
}
