//! What the lesson's programs say in the terminal, in each language that lessons have. `{}` stands for what is told.

/// The words of one language.
pub(crate) struct Words {
    pub(crate) language: &'static str,
    /// Number of the step, number of steps.
    pub(crate) step: &'static str,
    pub(crate) solved: &'static str,
    /// The next lesson.
    pub(crate) next: &'static str,
    pub(crate) last: &'static str,
    pub(crate) missing: &'static str,
    /// A count or a value.
    pub(crate) now: &'static str,
    pub(crate) now_nothing: &'static str,
    /// How many requests were as they should be, how many failed.
    pub(crate) now_requests: &'static str,
    /// Seconds.
    pub(crate) now_held: &'static str,
    /// Number of the hint, number of hints.
    pub(crate) hint: &'static str,
    pub(crate) no_hint: &'static str,
    pub(crate) begins: &'static str,
    /// What was typed.
    pub(crate) unknown: &'static str,
    /// Minutes.
    pub(crate) minutes: &'static str,
    pub(crate) help: &'static str,
}

/// Every language there is; the first is spoken where there is no other.
pub(crate) const ALL: [Words; 2] = [
    Words {
        language: "en",
        step: "Step {} of {}",
        solved: "You have solved this lesson.",
        next: "The next one: levels {}",
        last: "It was the last one.",
        missing: "Still missing:",
        now: "now: {}",
        now_nothing: "now: nothing there",
        now_requests: "now: {} requests, {} failed",
        now_held: "now: true for {} s",
        hint: "Hint {} of {}:",
        no_hint: "There is no further hint. `solution` shows the commands.",
        begins: "The lesson begins anew.",
        unknown: "there is no lesson \"{}\"; `levels` lists them",
        minutes: "{} min",
        help: "lesson: what to do now; lesson again: count this step anew; lesson next: the next one; hint: a hint; solution: the commands; levels: all lessons; levels NAME: open one; reset: begin anew",
    },
    Words {
        language: "zh-TW",
        step: "步驟 {}，共 {} 步",
        solved: "您已經完成這堂課程。",
        next: "下一堂課：levels {}",
        last: "這是最後一堂課。",
        missing: "尚未達成：",
        now: "目前：{}",
        now_nothing: "目前：沒有",
        now_requests: "目前：{} 個請求，{} 個失敗",
        now_held: "目前：已維持 {} 秒",
        hint: "提示 {}，共 {} 則：",
        no_hint: "沒有更多提示了。`solution` 會顯示指令。",
        begins: "課程重新開始。",
        unknown: "沒有「{}」這堂課程；`levels` 會列出所有課程",
        minutes: "{} 分鐘",
        help: "lesson：現在要做什麼；lesson again：這一步重新計算；lesson next：下一堂課；hint：提示；solution：指令；levels：所有課程；levels 名稱：開啟課程；reset：重新開始",
    },
];

/// The words of a language.
pub(crate) fn of(language: &str) -> &'static Words {
    let found = ALL.iter().find(|w| w.language.eq_ignore_ascii_case(language));
    found.unwrap_or(&ALL[0])
}

/// Puts what is told into a text.
pub(crate) fn fill(text: &str, parts: &[&dyn std::fmt::Display]) -> String {
    let mut pieces = text.split("{}");
    let mut out = pieces.next().unwrap_or_default().to_string();
    for (piece, part) in pieces.zip(parts) {
        out.push_str(&part.to_string());
        out.push_str(piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_tells_the_same_things() {
        let shape = |w: &Words| {
            [
                w.step,
                w.solved,
                w.next,
                w.last,
                w.missing,
                w.now,
                w.now_nothing,
                w.now_requests,
                w.now_held,
                w.hint,
                w.no_hint,
                w.begins,
                w.unknown,
                w.minutes,
                w.help,
            ]
            .map(|text| (!text.is_empty(), text.matches("{}").count()))
        };
        for words in &ALL {
            assert_eq!(shape(words), shape(&ALL[0]), "{}", words.language);
        }
        assert_eq!(fill("a {} b {}", &[&1, &"x"]), "a 1 b x");
    }
}
