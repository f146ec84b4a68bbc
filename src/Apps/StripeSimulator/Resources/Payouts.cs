using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>What leaves the balance for the operator's bank: every day all that is available, or by hand.</summary>
internal sealed class Payouts(World world)
{
    // What begins the same in each.
    private const string Blank = """
        {
          "application_fee": null,
          "application_fee_amount": null,
          "balance_transaction": null,
          "description": "STRIPE PAYOUT",
          "destination": "ba_1QuoinDemoBankAccount0001",
          "failure_balance_transaction": null,
          "failure_code": null,
          "failure_message": null,
          "method": "standard",
          "original_payout": null,
          "payout_method": null,
          "reversed_by": null,
          "source_type": "card",
          "statement_descriptor": null,
          "status": "in_transit",
          "trace_id": { "status": "pending", "value": null },
          "type": "bank_account"
        }
        """;

    /// <summary>What the daily payouts hang on.</summary>
    public const string Schedule = "_payouts";

    private const string Kind = "payout";
    private const long Day = 24 * 3600;
    private const long Arrives = 2 * Day;

    public JsonObject Create(Call call)
    {
        var amount = call.Form.Whole("amount") ?? throw ApiException.Required("amount");
        var currency = call.Form.Required("currency").ToLowerInvariant();
        if (amount > world.Balance.Payable(currency).Sum(move => move.Long("net")))
        {
            throw ApiException.State(
                "balance_insufficient", "You have insufficient funds in your Stripe account for this transfer.");
        }

        return New(amount, currency, isAutomatic: false, call.Form.Metadata());
    }

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call) => Lists.Page(
        call,
        world.Store.Newest(Kind)
            .Where(payout => payout.Fits(call.Form, "status") && Lists.IsWithin(payout, call.Form, "arrival_date")),
        Kind);

    public JsonObject Cancel(Call call)
    {
        var payout = world.Get(Kind, call.Id);
        return payout.Text("status") == "pending" ? End(payout, "canceled")
            : throw ApiException.State("payout_not_pending", "Only pending payouts can be canceled.");
    }

    /// <summary>Sees that the daily payouts hang on something.</summary>
    public void Begin()
    {
        if (world.Options.PaysOutDaily && world.Store.Find(Schedule) is null)
        {
            world.Store.Put(new JsonObject { ["id"] = Schedule, ["object"] = Schedule, ["_due"] = NextMidnight() });
        }
    }

    /// <summary>Pays all that is available out, in each currency, and again tomorrow.</summary>
    public void PayAll(JsonObject schedule)
    {
        schedule["_due"] = NextMidnight();
        world.Store.Put(schedule);
        PayAll();
    }

    /// <summary>Pays all that is available out, in each currency.</summary>
    public IReadOnlyList<JsonObject> PayAll()
    {
        var made = new List<JsonObject>();
        foreach (var currency in world.Balance.Currencies)
        {
            var moves = world.Balance.Payable(currency);
            var amount = moves.Sum(move => move.Long("net"));
            if (amount <= 0)
            {
                continue;
            }

            var payout = New(amount, currency, isAutomatic: true, []);
            foreach (var move in moves)
            {
                move["_payout"] = payout.Id();
                move["status"] = "available";
                world.Store.Put(move);
            }

            made.Add(payout);
        }

        return made;
    }

    /// <summary>A payout arrives, or the bank sends it back.</summary>
    public void RunDue(JsonObject payout) => End(payout, "paid");

    /// <summary>Ends a payout.</summary>
    public JsonObject End(JsonObject payout, string status)
    {
        payout.Remove("_due");
        if (status != "paid")
        {
            payout["failure_balance_transaction"] = world.Balance.Payout(payout, failed: true).Id();
            payout["failure_code"] = status == "failed" ? "account_closed" : null;
            payout["failure_message"] = status == "failed" ? "The bank account has been closed." : null;
            foreach (var move in world.Store.All("balance_transaction").Where(move => move.Text("_payout") == payout.Id()).ToList())
            {
                move["_payout"] = null;
                world.Store.Put(move);
            }
        }

        world.Change(payout, "payout." + status, value => value["status"] = status);
        if (status == "paid" && payout.Flag("automatic"))
        {
            world.Change(payout, "payout.reconciliation_completed", value => value["reconciliation_status"] = "completed");
        }

        return payout;
    }

    private long NextMidnight() => ((world.Clocks.Now / Day) + 1) * Day;

    private JsonObject New(long amount, string currency, bool isAutomatic, JsonObject metadata)
    {
        var payout = world.New("po_", Kind);
        var arrival = world.Now() + Arrives;
        payout.Fill(Blank);
        payout["amount"] = amount;
        payout["arrival_date"] = arrival;
        payout["automatic"] = isAutomatic;
        payout["currency"] = currency;
        payout["metadata"] = metadata;
        payout["reconciliation_status"] = isAutomatic ? "in_progress" : "not_applicable";
        payout["_due"] = arrival;

        world.Store.Put(payout);
        var move = world.Balance.Payout(payout, failed: false);
        move["_payout"] = isAutomatic ? payout.Id() : null;
        payout["balance_transaction"] = move.Id();
        return world.Add(payout, "payout.created");
    }
}
