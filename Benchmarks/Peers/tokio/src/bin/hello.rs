//! The least program; with an argument it waits for the end of its input.

use std::io::Read;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        tokio::task::yield_now().await;
        println!("hello");
    });
    if std::env::args().len() > 1 {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
    }
}
