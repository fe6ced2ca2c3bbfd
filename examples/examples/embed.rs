//! Runs a case in your program: a store, a service, two departments' systems,
//! one application, its outcome and its figures.

use onething::prelude::*;

/// The registration system. It answers at once; one that needs a person would
/// answer [`Reply::Pending`], and [`Engine::complete`] would be called later.
struct Market;

#[async_trait]
impl Department for Market {
    async fn handle(&self, step: StepRequest) -> Result<Reply, HandlerError> {
        // Repeated under the same `step.effect` after a crash: use it as your key.
        let name = step.input.text("stall.trade_name").unwrap_or("?");
        println!("market registers {name} under {}", step.effect);
        let done = Fields::new().with("licence.credit_code", "91350100M000100Y43");
        Ok(Reply::Done(done))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args()
        .nth(1)
        .unwrap_or("target/embed-store".into());
    let (store, _) = EmbeddedStore::open(folder.as_ref(), &Options::default())?;
    let services = concat!(env!("CARGO_MANIFEST_DIR"), "/services/start-stall");
    let definition = Definition::load(services)?;
    let tax = from_fn(|_| Ok(Reply::Done(Fields::new().with("tax_file.office", "一所"))));
    let (engine, _) = engine()
        .store(store)
        .service((&definition).into())
        .department("market", Market)
        .department("tax", tax)
        .start()
        .await?;

    let application = Application::new("start-stall", "2026-000017") // your reference number
        .value("operator.name", "示例申请人")
        .value("operator.phone", "13900000000")
        .value("stall.trade_name", "示例早点铺")
        .value("stall.goods", "餐饮服务");
    let case = engine.submit(application).await?.case;
    println!("case {case}: {}", engine.outcome(case).await?);

    let measures = definition.measure(&engine.history(case).await?)?;
    for figure in FigureName::ALL {
        let value = measures.value(figure).unwrap_or(f64::NAN);
        println!("{figure}: {value:.3} {}", figure.unit().as_str());
    }
    engine.shutdown().await?;
    Ok(())
}
