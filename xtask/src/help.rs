//! `cargo xtask help`

const TEXT: &str = "\
cargo xtask COMMAND

  test [--sqlite] [ARGS]      run every test and documentation example on SQLite, PostgreSQL and
                              MariaDB, which it starts, and count them per database; --sqlite leaves
                              the servers out; ARGS go to the test runner (a name to filter by, say)
  conformance [--list|--last] show which test proves which behaviour, and fail where one is not
                              proven; --list runs nothing, --last reads the results of `test`
  tidy                        check what the compiler does not: which crate and module may use
                              which, sizes, paths in the documents, formatting
  bench --sqlite [ARGS]       run the benchmarks of bench/ on SQLite, beside the hand-written driver
                              and the peers; --only W4,W5, --contenders hand,sinew, --rounds N,
                              --markdown (writes docs/performance.md), or `check`, or
                              `profile CONTENDER WORKLOAD SECONDS`
  bench --instructions        count the instructions of the hot paths, and fail above +3 % of
        [--accept]            bench/instructions.toml, which --accept writes
  bench --postgres [ARGS]     the same on a PostgreSQL that it starts; --one-core keeps program and
                              server on one core, --delay 1 puts a slow network between them
  bench --mysql [ARGS]        the same on a MariaDB that it starts
  bench --latency [ARGS]      round trips, statements and time behind a slow network, beside the
                              async peers; starts PostgreSQL
  bench --compile [ARGS]      build an application of 50 models with Sinew and with each of its peers, and
                              take the time of it; --models N, --contenders sinew,diesel,
                              --no-release, --markdown (writes docs/performance.md)
  services -- COMMAND         start throwaway database servers, run a command that finds them in
                              its environment (SINEW_TEST_POSTGRES,
                              SINEW_TEST_MYSQL), and stop them
  help                        print this text
";

pub(crate) fn run() -> Result<(), String> {
    println!("{TEXT}");
    Ok(())
}
