//! The words and the typography of Traditional Chinese as it is written in Taiwan, as far as a program can see them.

use crate::Problem;

/// What is written elsewhere, and what is written here.
const WORDS: [(&str, &str); 30] = [
    ("集群", "叢集"),
    ("鏡像", "映像檔"),
    ("標簽", "標籤"),
    ("擴容", "擴展"),
    ("縮容", "收縮"),
    ("回滾", "復原"),
    ("調度", "排程"),
    ("負載均衡", "負載平衡"),
    ("端口", "埠號"),
    ("地址", "位址"),
    ("網絡", "網路"),
    ("數據包", "封包"),
    ("響應", "回應"),
    ("探針", "探測"),
    ("命令行", "命令列"),
    ("文件夾", "資料夾"),
    ("默認", "預設"),
    ("運行", "執行"),
    ("用戶", "使用者"),
    ("信息", "資訊"),
    ("數據", "資料"),
    ("對象", "物件"),
    ("字段", "欄位"),
    ("創建", "建立"),
    ("支持", "支援"),
    ("質量", "品質"),
    ("視頻", "影片"),
    ("鼠標", "滑鼠"),
    ("文檔", "文件"),
    ("服務器", "伺服器"),
];

/// The most that is named of one file.
const MAX_NAMED: usize = 10;

/// What is not as it is written in Taiwan.
pub(crate) fn check(file: &str, markdown: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut fenced = false;
    for (number, line) in (1..).zip(markdown.lines()) {
        if line.trim_start_matches(['>', ' ', '-']).starts_with("```") {
            fenced = !fenced;
        }
        if fenced || problems.len() >= MAX_NAMED {
            continue;
        }
        let text = bare(line);
        let mut problem = |what: String, fix: String| {
            problems.push(Problem::new(file, what, fix).at(number));
        };
        for (not, but) in WORDS.iter().filter(|(not, _)| text.contains(not)) {
            problem(format!("「{not}」 is not said in Taiwan"), format!("write 「{but}」"));
        }
        if let Some((a, b)) = first_pair(&text, |a, b| is_joined(a, b) || is_joined(b, a)) {
            problem(format!("no space in 「{a}{b}」"), "put a space between Chinese and Latin".into());
        }
        if let Some((a, b)) = first_pair(&text, |a, b| is_chinese(a) && ",.:;!?()".contains(b)) {
            problem(format!("narrow punctuation in 「{a}{b}」"), "write it full-width".into());
        }
    }
    problems
}

/// A line without what is not read: targets of links, and marks.
fn bare(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find("](") {
        out.push_str(&rest[..at]);
        rest = rest[at..].split_once(')').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.replace(['*', '[', ']'], "")
}

fn first_pair(text: &str, is: impl Fn(char, char) -> bool) -> Option<(char, char)> {
    text.chars().zip(text.chars().skip(1)).find(|(a, b)| is(*a, *b))
}

fn is_joined(a: char, b: char) -> bool {
    is_chinese(a) && (b.is_ascii_alphanumeric() || b == '`')
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_elsewhere_is_named() {
        let good = "# 建立 Deployment\n\n這個 [Pod](look:pod/app=x) 在 `web`，**Node** 已就緒（2 個）。\n\n```sh\necho 集群abc\n```\n";
        assert_eq!(check("zh-TW.md", good), []);
        let bad = "集群運行\n用kubectl\n`a`是\n好,的\n> ```sh\n> 默認\n> ```\n[Pod](x)排\n";
        let lines: Vec<usize> = check("zh-TW.md", bad).iter().map(|p| p.line).collect();
        assert_eq!(lines, [1, 1, 2, 3, 4, 8]);
    }
}
