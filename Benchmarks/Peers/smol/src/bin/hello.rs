//! The least program; with an argument it waits for the end of its input.

use std::io::Read;

fn main() {
    let executor = smol::LocalExecutor::new();
    smol::block_on(executor.run(async {
        smol::future::yield_now().await;
        println!("hello");
    }));
    if std::env::args().len() > 1 {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
    }
}
