//! `wasm-bindgen` as Trunk wants it on PATH. `cargo xtask` itself binds in-process (see `tools/page`).

fn main() -> anyhow::Result<()> {
    env_logger::init();
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(std::env::args_os())
}
