/// Builds a [`Value`](crate::Value) from JSON with Rust expressions in it: `json!({"a": [1, x], "b": {"c": null}})`.
/// Keys are string literals or expressions in parentheses; values are JSON or anything that turns into a `Value`.
#[macro_export]
macro_rules! json {
    (null) => { $crate::Value::Null };
    ([]) => { $crate::Value::array([]) };
    ({}) => { $crate::Value::object() };
    ([ $($items:tt)+ ]) => {{
        #[allow(clippy::vec_init_then_push)] // the macro meets its items one by one
        let list = { let mut list: Vec<$crate::Value> = Vec::new(); $crate::json!(@items list $($items)+); list };
        $crate::Value::list(list)
    }};
    ({ $($fields:tt)+ }) => {{
        let mut map = $crate::Map::default();
        $crate::json!(@fields map $($fields)+);
        $crate::Value::from(map)
    }};

    (@items $list:ident) => {};
    (@items $list:ident null $(, $($rest:tt)*)?) => { $list.push($crate::Value::Null); $crate::json!(@items $list $($($rest)*)?) };
    (@items $list:ident [$($a:tt)*] $(, $($rest:tt)*)?) => { $list.push($crate::json!([$($a)*])); $crate::json!(@items $list $($($rest)*)?) };
    (@items $list:ident {$($o:tt)*} $(, $($rest:tt)*)?) => { $list.push($crate::json!({$($o)*})); $crate::json!(@items $list $($($rest)*)?) };
    (@items $list:ident $e:expr $(, $($rest:tt)*)?) => { $list.push($crate::Value::from($e)); $crate::json!(@items $list $($($rest)*)?) };

    (@fields $map:ident) => {};
    (@fields $map:ident $key:tt : null $(, $($rest:tt)*)?) => { $map.put($key, $crate::Value::Null); $crate::json!(@fields $map $($($rest)*)?) };
    (@fields $map:ident $key:tt : [$($a:tt)*] $(, $($rest:tt)*)?) => { $map.put($key, $crate::json!([$($a)*])); $crate::json!(@fields $map $($($rest)*)?) };
    (@fields $map:ident $key:tt : {$($o:tt)*} $(, $($rest:tt)*)?) => { $map.put($key, $crate::json!({$($o)*})); $crate::json!(@fields $map $($($rest)*)?) };
    (@fields $map:ident $key:tt : $e:expr $(, $($rest:tt)*)?) => { $map.put($key, $crate::Value::from($e)); $crate::json!(@fields $map $($($rest)*)?) };

    ($e:expr) => { $crate::Value::from($e) };
}

#[cfg(test)]
mod tests {
    #[test]
    fn nests_and_takes_expressions() {
        let (n, key) = (2 + 1, "k");
        let v = json!({"b": [1, {"x": null}, [true, "s"]], (key): {"n": n, "e": {}}, "t": "u",});
        assert_eq!(v.to_json(), r#"{"b":[1,{"x":null},[true,"s"]],"k":{"e":{},"n":3},"t":"u"}"#);
    }
}
