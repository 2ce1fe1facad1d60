//! Requests, drawn on a canvas above the scene: one pass a frame.

use diagram::{Dot, Moment, Spot, Stream};
use std::f64::consts::TAU;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// The thickest line, in CSS pixels.
const MAX_WIDTH: f64 = 9.0;
/// The most reasons of failures that are written at a time.
const MAX_REASONS: usize = 3;
/// The canvas is as high as the picture or higher, in steps of this many CSS pixels: a new size is a new canvas to the
/// browser.
const STEP: f64 = 256.0;

/// The look of requests, taken from the page's styles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Colors {
    /// A request on its way.
    pub request: String,
    /// An answer on its way back.
    pub answer: String,
    /// A failure.
    pub failed: String,
    /// What lies behind the picture.
    pub ground: String,
    /// Nothing is to move: the reader has asked the system for that.
    pub still: bool,
}

/// A canvas with its context.
pub struct DotCanvas {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    empty: bool,
    /// Width, height and density that it was fitted to.
    fitted: (f64, f64, f64),
}

impl DotCanvas {
    /// On a canvas. `None` when the browser gives no context.
    pub fn new(canvas: HtmlCanvasElement) -> Option<DotCanvas> {
        let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        Some(DotCanvas { canvas, context, empty: true, fitted: (0.0, 0.0, 0.0) })
    }

    /// Fits the canvas to the picture, in CSS pixels, sharp on dense displays. What is too much is cut off by the stage.
    pub fn fit(&mut self, width: f64, height: f64, density: f64) {
        let (fitted, kept, same) = self.fitted;
        if (fitted, same) == (width, density) && (height..height + 2.0 * STEP).contains(&kept) {
            return;
        }
        let height = (height / STEP).ceil() * STEP;
        self.fitted = (width, height, density);
        let size = ((width * density).round() as u32, (height * density).round() as u32);
        if (self.canvas.width(), self.canvas.height()) != size {
            self.canvas.set_width(size.0);
            self.canvas.set_height(size.1);
            let style = self.canvas.style();
            let _ = style.set_property("width", &format!("{width}px"));
            let _ = style.set_property("height", &format!("{height}px"));
        }
        let _ = self.context.set_transform(density, 0.0, 0.0, density, 0.0, 0.0);
    }

    /// Draws this moment's requests.
    pub fn draw(&mut self, moment: &Moment, colors: &Colors) {
        let dots = &moment.dots[..];
        let empty = dots.is_empty() && moment.streams.is_empty();
        if empty && std::mem::replace(&mut self.empty, empty) {
            return;
        }
        self.empty = empty;
        let c = &self.context;
        c.clear_rect(0.0, 0.0, f64::from(self.canvas.width()), f64::from(self.canvas.height()));
        moment.streams.iter().for_each(|stream| self.stream(stream, colors));
        for (answer, color) in [(false, &colors.request), (true, &colors.answer)] {
            c.set_fill_style_str(color);
            c.begin_path();
            for dot in dots.iter().filter(|d| d.failed.is_none() && d.answer == answer) {
                c.move_to(dot.spot.x + 4.0, dot.spot.y);
                // A radius that is not negative and numbers that are finite cannot fail.
                let _ = c.arc(dot.spot.x, dot.spot.y, 4.0, 0.0, TAU);
            }
            c.fill();
        }
        c.set_stroke_style_str(&colors.failed);
        c.set_line_width(2.0);
        for dot in dots.iter().filter(|d| d.failed.is_some()) {
            let (x, y) = (dot.spot.x, dot.spot.y);
            c.set_global_alpha(dot.strength);
            c.begin_path();
            c.move_to(x - 5.0, y - 5.0);
            c.line_to(x + 5.0, y + 5.0);
            c.move_to(x + 5.0, y - 5.0);
            c.line_to(x - 5.0, y + 5.0);
            c.stroke();
        }
        self.reasons(dots, colors);
        self.context.set_global_alpha(1.0);
    }

    /// A line as thick as its requests are many, with their number in the middle of its longest part.
    fn stream(&self, stream: &Stream, colors: &Colors) {
        let c = &self.context;
        let Some(first) = stream.points.first() else { return };
        c.set_stroke_style_str(&colors.request);
        c.set_line_width((1.0 + stream.rate.log2()).clamp(2.0, MAX_WIDTH));
        c.set_global_alpha(0.6);
        c.begin_path();
        c.move_to(first.x, first.y);
        for corner in stream.points.windows(3) {
            // A radius that is not negative cannot fail.
            let _ = c.arc_to(corner[1].x, corner[1].y, corner[2].x, corner[2].y, 8.0);
        }
        if let Some(last) = stream.points.last() {
            c.line_to(last.x, last.y);
        }
        c.stroke();
        c.set_global_alpha(1.0);
        let length = |w: &&[Spot]| (w[1].x - w[0].x).hypot(w[1].y - w[0].y);
        let longest = stream.points.windows(2).max_by(|a, b| length(a).total_cmp(&length(b)));
        if let Some([a, b]) = longest {
            let (x, y) = ((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
            // In steps, so that it can be read.
            let text = format!("{} / s", ((stream.rate / 5.0).round() * 5.0).max(5.0));
            self.text(&text, x, y - 10.0, &colors.request, colors);
        }
    }

    /// A text on a ground of its own, with its middle at `x` or as near to that as the picture's edges let it be.
    fn text(&self, text: &str, x: f64, y: f64, color: &str, colors: &Colors) {
        let c = &self.context;
        c.set_font("12px system-ui, sans-serif");
        c.set_text_align("center");
        let half = c.measure_text(text).map_or(0.0, |m| m.width() / 2.0) + 6.0;
        let x = x.min(self.fitted.0 - half).max(half);
        c.set_fill_style_str(&colors.ground);
        c.fill_rect(x - half, y - 13.0, 2.0 * half, 18.0);
        c.set_fill_style_str(color);
        // Text that cannot be drawn is missed by nobody: the counts have it too.
        let _ = c.fill_text(text, x, y);
    }

    /// Why requests failed, above their marks: of those that failed at one place only the newest.
    fn reasons(&self, dots: &[Dot], colors: &Colors) {
        if dots.iter().all(|d| d.failed.is_none()) {
            return;
        }
        let mut said: Vec<&Dot> = Vec::new();
        for dot in dots.iter().rev().filter(|d| d.failed.is_some()) {
            if said.len() >= MAX_REASONS || said.iter().any(|s| (s.spot.y - dot.spot.y).abs() < 16.0) {
                continue;
            }
            said.push(dot);
            let why = dot.failed.as_deref().unwrap_or_default();
            self.context.set_global_alpha(1.0);
            self.text(why, dot.spot.x, dot.spot.y - 14.0, &colors.failed, colors);
        }
    }
}
