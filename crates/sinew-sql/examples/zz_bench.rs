use sinew_sql::*; use sinew_sql::dialect::sqlite::Sqlite; use sinew_core::Value;
fn main(){ let cols=["id","created_at","updated_at","deleted_at","name","company_id","manager_id","age"];
 let s=Select{columns:cols.iter().map(|c|Expr::here(*c).into()).collect(),from:Source::Table("users".into()),filter:vec![Expr::here("id").equals(Expr::Value(Value::Int(1))),Expr::Live(Scope::Here,"deleted_at".into())],limit:Some(1),..Default::default()};
 for _ in 0..5 { let t=std::time::Instant::now(); let mut x=0; for _ in 0..1_000_000{ x^=std::hint::black_box(&s).shape(&Sqlite).0;} println!("shape {:?} {x}",t.elapsed()/1_000_000);
 let t=std::time::Instant::now(); let mut x=0; for _ in 0..1_000_000{ x^=std::hint::black_box(&s).render(&Sqlite).sql.len();} println!("render {:?} {x} len {}",t.elapsed()/1_000_000, s.render(&Sqlite).sql.len());}}
