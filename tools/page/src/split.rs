//! Cuts a bound program in two: what runs before the prompt, and the rest, which the page loads after it.
//!
//! Both halves share one memory and one table of functions. Where the first half calls a function of the second, it
//! calls through the table; the second half fills its places in the table when it is instantiated. The second half
//! imports whatever it needs from the first one's exports, so the page only does
//! `WebAssembly.instantiate(later, { first: exports })`. Its file's name stands in the first half's custom section
//! [`SECTION`].
//!
//! What goes into the second half is said by the beginnings of Rust paths. To these are added all functions that
//! nothing else can reach. Nothing of it may run before the second half is there: such a call is a trap.
//!
//! Binaryen's `wasm-split` works like this, but npm's package does not have it.

use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use walrus::ir::{self, Instr, InstrLocId, Visitor, VisitorMut};
use walrus::{
    ConstExpr, ElementItems, ElementKind, ExportItem, FunctionBuilder, FunctionId, FunctionKind, GlobalKind,
    ImportKind, ImportedFunction, LocalFunction, Module, ModuleConfig, RawCustomSection, TableId,
};

/// The custom section of the first half that names the second half's file.
pub const SECTION: &str = "later";

/// The module name of the second half's imports.
const FIRST: &str = "first";

/// A program in two files.
pub struct Halves {
    /// What the page starts with.
    pub first: Vec<u8>,
    /// What it loads after the prompt.
    pub later: Vec<u8>,
}

/// Cuts the program; its functions must still have their names. `paths` are beginnings of Rust paths, such as
/// `kubectl::`; one with `!` before it stays in the first half. `optimise` makes the
/// second half small before `name` gives its file name from its bytes.
pub fn split(
    wasm: &[u8],
    paths: &[String],
    optimise: impl Fn(Vec<u8>) -> Result<Vec<u8>>,
    name: impl Fn(&[u8]) -> String,
) -> Result<Halves> {
    let whole = parse(wasm)?;
    let plan = Plan::new(&whole, paths)?;
    let later = optimise(plan.later(parse(wasm)?)?)?;
    let first = plan.first(whole, name(&later))?;
    Ok(Halves { first, later })
}

fn parse(wasm: &[u8]) -> Result<Module> {
    let mut config = ModuleConfig::new();
    config.generate_name_section(true).generate_producers_section(false);
    config.parse(wasm).context("read the program")
}

/// A function's number. The two halves are made of two readings of the same bytes: numbers are equal, ids are not.
type Number = usize;

/// Whom each function calls.
type Calls = BTreeMap<Number, BTreeSet<Number>>;

/// Who goes where.
struct Plan {
    /// The functions of the second half.
    later: BTreeSet<Number>,
    /// Their places in the table: all that the first half calls, and all that are called through pointers.
    slots: BTreeMap<Number, Vec<u64>>,
    /// How long the table must be.
    length: u64,
    /// Functions of the first half that the second one calls, by the name they are exported under.
    shared: BTreeMap<Number, String>,
}

impl Plan {
    fn new(module: &Module, paths: &[String]) -> Result<Plan> {
        let table = table(module)?;
        let calls: Calls = module.funcs.iter_local().map(|(id, f)| (id.index(), callees(f))).collect();
        let pointers = pointers(module, table)?;
        let later = later_functions(module, paths, &calls, &pointers);
        let mut slots = BTreeMap::<Number, Vec<u64>>::new();
        for (slot, function) in pointers.iter().filter(|(_, function)| later.contains(function)) {
            slots.entry(*function).or_default().push(*slot);
        }
        let mut length = module.tables.get(table).initial;
        let (mut called, mut shared) = (BTreeSet::<&Number>::new(), BTreeSet::new());
        for (caller, callees) in &calls {
            let across = callees.iter().filter(|callee| later.contains(callee) != later.contains(caller));
            if later.contains(caller) { shared.extend(across) } else { called.extend(across) }
        }
        for function in called {
            slots.entry(*function).or_insert_with(|| {
                length += 1;
                vec![length - 1]
            });
        }
        let name = |(index, function): (usize, &Number)| (*function, format!("f{index:x}"));
        let shared = shared.into_iter().enumerate().map(name).collect();
        Ok(Plan { later, slots, length, shared })
    }

    /// The program without the second half's functions.
    fn first(&self, mut module: Module, later: String) -> Result<Vec<u8>> {
        let table = self.resize(&mut module)?;
        let ids = ids(&module);
        let stub = stub(&mut module);
        for element in module.elements.iter_mut() {
            if let ElementItems::Functions(functions) = &mut element.items {
                functions.iter_mut().filter(|f| self.later.contains(&f.index())).for_each(|f| *f = stub);
            }
        }
        let types: BTreeMap<_, _> = self.slots.keys().map(|f| (*f, module.funcs.get(ids[f]).ty())).collect();
        let through = |callee: FunctionId| {
            let place = *self.slots.get(&callee.index())?.first()?;
            let place = ir::Const { value: ir::Value::I32(i32::try_from(place).ok()?) };
            Some([place.into(), ir::CallIndirect { ty: types[&callee.index()], table }.into()])
        };
        for (_, function) in module.funcs.iter_local_mut().filter(|(id, _)| !self.later.contains(&id.index()))
        {
            let entry = function.entry_block();
            ir::dfs_pre_order_mut(&mut Reroute { through: &through }, function, entry);
        }
        self.later.iter().for_each(|function| module.funcs.delete(ids[function]));
        for (name, item) in self.common(&module) {
            module.exports.add(&name, item);
        }
        module.customs.add(RawCustomSection { name: SECTION.into(), data: later.into_bytes() });
        walrus::passes::gc::run(&mut module);
        Ok(module.emit_wasm())
    }

    /// The second half's functions alone.
    fn later(&self, mut module: Module) -> Result<Vec<u8>> {
        let table = self.resize(&mut module)?;
        let ids = ids(&module);
        empty(&mut module);
        for (name, item) in self.common(&module) {
            import(&mut module, &name, item);
        }
        let places =
            self.slots.iter().flat_map(|(function, slots)| slots.iter().map(|s| (*s, ids[function])));
        for (offset, functions) in runs(places.collect()) {
            let offset = ConstExpr::Value(ir::Value::I32(i32::try_from(offset)?));
            let kind = ElementKind::Active { table, offset };
            let element = module.elements.add(kind, ElementItems::Functions(functions));
            module.tables.get_mut(table).elem_segments.insert(element);
        }
        walrus::passes::gc::run(&mut module);
        Ok(module.emit_wasm())
    }

    fn resize(&self, module: &mut Module) -> Result<TableId> {
        let id = table(module)?;
        let table = module.tables.get_mut(id);
        table.initial = self.length;
        table.maximum = table.maximum.map(|maximum| maximum.max(self.length));
        Ok(id)
    }

    /// What the first half exports to the second one, and under which name.
    fn common(&self, module: &Module) -> Vec<(String, ExportItem)> {
        let ids = ids(module);
        let functions = self.shared.iter().map(|(f, name)| (name.clone(), ExportItem::Function(ids[f])));
        let memories = module.memories.iter().map(|memory| ExportItem::Memory(memory.id()));
        let tables = module.tables.iter().map(|table| ExportItem::Table(table.id()));
        let globals = module.globals.iter().map(|global| ExportItem::Global(global.id()));
        let rest = memories.chain(tables).chain(globals).enumerate();
        functions.chain(rest.map(|(index, item)| (format!("x{index}"), item))).collect()
    }
}

/// Takes out what the first half alone does: exports, the start, data, and the table's contents.
fn empty(module: &mut Module) {
    module.start = None;
    let exports: Vec<_> = module.exports.iter().map(|export| export.id()).collect();
    exports.into_iter().for_each(|id| module.exports.delete(id));
    let data: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    data.into_iter().for_each(|id| module.data.delete(id));
    module.memories.iter_mut().for_each(|memory| memory.data_segments.clear());
    let elements: Vec<_> = module.elements.iter().map(|element| element.id()).collect();
    elements.into_iter().for_each(|id| module.elements.delete(id));
    module.tables.iter_mut().for_each(|table| table.elem_segments.clear());
}

/// Makes an import of something that is the first half's.
fn import(module: &mut Module, name: &str, item: ExportItem) {
    match item {
        ExportItem::Function(id) => {
            // One that JavaScript brings comes through the first half now, and only once.
            if let FunctionKind::Import(before) = &module.funcs.get(id).kind {
                let before = before.import;
                module.imports.delete(before);
            }
            let import = module.imports.add(FIRST, name, ImportKind::Function(id));
            let ty = module.funcs.get(id).ty();
            module.funcs.get_mut(id).kind = FunctionKind::Import(ImportedFunction { import, ty });
        }
        ExportItem::Memory(id) => {
            module.memories.get_mut(id).import =
                Some(module.imports.add(FIRST, name, ImportKind::Memory(id)));
        }
        ExportItem::Table(id) => {
            module.tables.get_mut(id).import = Some(module.imports.add(FIRST, name, ImportKind::Table(id)));
        }
        ExportItem::Global(id) => {
            let import = module.imports.add(FIRST, name, ImportKind::Global(id));
            module.globals.get_mut(id).kind = GlobalKind::Import(import);
        }
        ExportItem::Tag(_) => {}
    }
}

/// The table that pointers to functions index.
fn table(module: &Module) -> Result<TableId> {
    module.tables.main_function_table()?.context("the program has no table of functions")
}

/// Every function by its number.
fn ids(module: &Module) -> BTreeMap<Number, FunctionId> {
    module.funcs.iter().map(|function| (function.id().index(), function.id())).collect()
}

/// The compiler often gives equal code to several functions, under the name of one of them: those with fewer instructions
/// go by their callers alone.
const SMALL: u64 = 64;

/// The functions that are named by the paths, and those that only they can reach.
fn later_functions(
    module: &Module,
    paths: &[String],
    calls: &Calls,
    pointers: &[(u64, Number)],
) -> BTreeSet<Number> {
    let is_named = |f: &walrus::Function| {
        if matches!(&f.kind, FunctionKind::Local(local) if local.size() < SMALL) {
            return false;
        }
        let name = f.name.as_deref().unwrap_or_default();
        let (not, yes): (Vec<&String>, Vec<&String>) = paths.iter().partition(|path| path.starts_with('!'));
        yes.iter().any(|path| begins(name, path)) && !not.iter().any(|path| begins(name, &path[1..]))
    };
    let named: BTreeSet<Number> =
        module.funcs.iter().filter(|f| is_named(f)).map(|f| f.id().index()).collect();
    let exported = module.exports.iter().filter_map(|export| match export.item {
        ExportItem::Function(id) => Some(id.index()),
        _ => None,
    });
    let pointed = pointers.iter().map(|(_, id)| *id).filter(|f| !named.contains(f));
    let mut open: Vec<Number> = exported.chain(module.start.map(|id| id.index())).chain(pointed).collect();
    let mut first: BTreeSet<Number> = open.iter().copied().collect();
    while let Some(caller) = open.pop() {
        for callee in calls.get(&caller).into_iter().flatten() {
            if !named.contains(callee) && first.insert(*callee) {
                open.push(*callee);
            }
        }
    }
    calls.keys().copied().filter(|function| !first.contains(function)).collect()
}

/// Whether a function stands below a path: `kubectl::run`, `<kubectl::Ctx as Trait>::f`. One that is only made for
/// something below it, such as `drop_in_place<kubectl::Ctx>`, does not: the compiler gives equal code to others too.
fn begins(name: &str, path: &str) -> bool {
    name.trim_start_matches(['<', '&', '[']).starts_with(path)
}

/// Whom a function calls or takes a pointer of.
fn callees(function: &LocalFunction) -> BTreeSet<Number> {
    struct Callees(BTreeSet<Number>);
    impl<'instr> Visitor<'instr> for Callees {
        fn visit_function_id(&mut self, function: &FunctionId) {
            self.0.insert(function.index());
        }
    }
    let mut callees = Callees(BTreeSet::new());
    ir::dfs_in_order(&mut callees, function, function.entry_block());
    callees.0
}

/// The contents of the table.
fn pointers(module: &Module, table: TableId) -> Result<Vec<(u64, Number)>> {
    let mut result = Vec::new();
    for element in module.elements.iter() {
        match (&element.kind, &element.items) {
            (ElementKind::Active { table: own, offset }, ElementItems::Functions(functions))
                if *own == table =>
            {
                let ConstExpr::Value(ir::Value::I32(offset)) = offset else {
                    bail!("the table begins at a place that is not a number")
                };
                let offset = u64::try_from(*offset)?;
                result.extend((offset..).zip(functions.iter().map(|f| f.index())));
            }
            (ElementKind::Declared, _) => {}
            _ => bail!("the table is filled in a way that is not understood here"),
        }
    }
    Ok(result)
}

/// Stands in the table where a function of the second half will be.
fn stub(module: &mut Module) -> FunctionId {
    let mut stub = FunctionBuilder::new(&mut module.types, &[], &[]);
    stub.func_body().unreachable();
    stub.finish(Vec::new(), &mut module.funcs)
}

/// Places in order, as few segments as possible.
fn runs(mut places: Vec<(u64, FunctionId)>) -> Vec<(u64, Vec<FunctionId>)> {
    places.sort_unstable();
    let mut runs: Vec<(u64, Vec<FunctionId>)> = Vec::new();
    for (slot, function) in places {
        match runs.last_mut() {
            Some((offset, run)) if *offset + run.len() as u64 == slot => run.push(function),
            _ => runs.push((slot, vec![function])),
        }
    }
    runs
}

/// Replaces direct calls by calls through the table.
struct Reroute<'a> {
    through: &'a dyn Fn(FunctionId) -> Option<[Instr; 2]>,
}

impl VisitorMut for Reroute<'_> {
    fn start_instr_seq_mut(&mut self, seq: &mut ir::InstrSeq) {
        let old = std::mem::take(&mut seq.instrs);
        for (instr, place) in old {
            let callee = if let Instr::Call(call) = &instr { Some(call.func) } else { None };
            match callee.and_then(|callee| (self.through)(callee)) {
                Some(instrs) => seq.instrs.extend(instrs.map(|instr| (instr, InstrLocId::default()))),
                None => seq.instrs.push((instr, place)),
            }
        }
    }
}
