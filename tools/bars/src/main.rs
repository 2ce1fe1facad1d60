//! `bars BAR`: runs one measurement and prints it, a line each. In a browser the bar is the address's fragment
//! and the lines become the document's text.

mod cluster_cost;
mod trace;

#[cfg(not(target_arch = "wasm32"))]
mod host {
    use std::time::Instant;

    /// Milliseconds of CPU that this thread has used, or, where the system does not tell, of time.
    pub fn clock() -> f64 {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        let start = START.get_or_init(Instant::now);
        let spent = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
        let nanos = spent.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
        nanos.map_or_else(|| start.elapsed().as_secs_f64() * 1e3, |nanos| nanos / 1e6)
    }

    pub fn argument() -> String {
        std::env::args().nth(1).unwrap_or_default()
    }

    pub fn say(text: &str) {
        println!("{text}");
    }
}

#[cfg(target_arch = "wasm32")]
mod host {
    /// Milliseconds since the page began.
    pub fn clock() -> f64 {
        let window = web_sys::window().expect("a page has a window");
        window.performance().expect("and a clock").now()
    }

    pub fn argument() -> String {
        let document = web_sys::window().and_then(|window| window.document()).expect("a page has a document");
        let address = document.url().unwrap_or_default();
        address.split_once('#').map(|(_, fragment)| fragment.to_string()).unwrap_or_default()
    }

    pub fn say(text: &str) {
        let document = web_sys::window().and_then(|window| window.document()).expect("a page has a document");
        let line = document.create_element("p").expect("an element can be made");
        line.set_text_content(Some(text));
        document.body().expect("a page has a body").append_child(&line).expect("and takes elements");
    }
}

fn main() {
    let argument = host::argument();
    let (bar, rest) = argument.split_once('=').unwrap_or((&argument, ""));
    match bar {
        "cluster" => cluster_cost::measure(),
        "trace" => trace::measure(rest.parse().unwrap_or(1)),
        other => host::say(&format!("no bar {other:?}; there are cluster and trace=RUNS")),
    }
    host::say("done");
}
