using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Cards;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Attempts of payments, each with what the bank said.</summary>
internal sealed class Charges(World world)
{
    // What begins the same in each.
    private const string Blank = """
        {
          "amount_refunded": 0,
          "application": null,
          "application_fee": null,
          "application_fee_amount": null,
          "balance_transaction": null,
          "calculated_statement_descriptor": "QUOIN",
          "disputed": false,
          "failure_balance_transaction": null,
          "fraud_details": {},
          "on_behalf_of": null,
          "radar_options": {},
          "receipt_number": null,
          "refunded": false,
          "review": null,
          "shipping": null,
          "source": null,
          "source_transfer": null,
          "statement_descriptor": null,
          "statement_descriptor_suffix": null,
          "transfer_data": null,
          "transfer_group": null
        }
        """;

    private const string Kind = "charge";

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call) => Lists.Page(
        call, world.Store.Newest(Kind)
            .Where(charge => charge.Fits(call.Form, "customer") && charge.Fits(call.Form, "payment_intent")), Kind);

    public JsonObject Update(Call call) => world.Change(world.Get(Kind, call.Id), "charge.updated", charge =>
    {
        charge["metadata"] = call.Form.Metadata(charge.Child("metadata"));
        charge["description"] = call.Form.Text("description") ?? charge.Text("description");
    });

    /// <summary>An attempt that went through; the money is on its way to the balance.</summary>
    public JsonObject Succeed(JsonObject intent, JsonObject method)
    {
        var card = PaymentMethods.CardOf(method);
        var charge = New(intent, method, card, isPaid: true);
        world.Store.Put(charge);
        charge["balance_transaction"] = world.Balance.Charge(charge, card.Conduct == CardConduct.SettlesAtOnce).Id();
        if (card.Conduct == CardConduct.IsDisputed)
        {
            charge["_due"] = world.Now(charge) + (long)world.Options.DisputeAfter.TotalSeconds;
            charge["_dispute_reason"] = card.DisputeReason;
        }

        return world.Add(charge, "charge.succeeded");
    }

    /// <summary>An attempt the bank refused.</summary>
    public JsonObject Fail(JsonObject intent, JsonObject method) =>
        world.Add(New(intent, method, PaymentMethods.CardOf(method), isPaid: false), "charge.failed");

    private JsonObject New(JsonObject intent, JsonObject method, TestCard card, bool isPaid)
    {
        var charge = world.New("ch_", Kind, intent);
        charge.Fill(Blank);
        charge["amount"] = intent.Long("amount");
        charge["amount_captured"] = isPaid ? intent.Long("amount") : 0;
        charge["billing_details"] = method.Child("billing_details").CopyOrNull();
        charge["captured"] = isPaid;
        charge["currency"] = intent.Text("currency");
        charge["customer"] = intent.Text("customer");
        charge["description"] = intent.Text("description");
        charge["failure_code"] = isPaid ? null : card.Code;
        charge["failure_message"] = isPaid ? null : card.Message;
        charge["metadata"] = intent.Child("metadata").CopyOrNull();
        charge["outcome"] = Outcome(card, isPaid);
        charge["paid"] = isPaid;
        charge["payment_intent"] = intent.Id();
        charge["payment_method"] = method.Id();
        charge["payment_method_details"] = Details(method, intent);
        charge["receipt_email"] = intent.Text("receipt_email");
        charge["receipt_url"] = isPaid ? $"{world.Address}/receipts/{charge.Id()}" : null;
        charge["status"] = isPaid ? "succeeded" : "failed";

        return charge;
    }

    private static JsonObject Outcome(TestCard card, bool isPaid) => new()
    {
        ["advice_code"] = isPaid ? null : "try_again_later",
        ["network_advice_code"] = null,
        ["network_decline_code"] = isPaid ? null : "01",
        ["network_status"] = isPaid ? "approved_by_network" : "declined_by_network",
        ["reason"] = isPaid ? null : card.DeclineCode,
        ["risk_level"] = "normal",
        ["risk_score"] = 20,
        ["seller_message"] = isPaid ? "Payment complete." : "The bank returned the decline code `" + card.DeclineCode + "`.",
        ["type"] = isPaid ? "authorized" : "issuer_declined",
    };

    private static JsonObject Details(JsonObject method, JsonObject intent)
    {
        var card = method.Child("card")!;
        return new JsonObject
        {
            ["card"] = new JsonObject
            {
                ["amount_authorized"] = intent.Long("amount"),
                ["brand"] = card.Text("brand"),
                ["checks"] = card.Child("checks").CopyOrNull(),
                ["country"] = card.Text("country"),
                ["exp_month"] = card.Long("exp_month"),
                ["exp_year"] = card.Long("exp_year"),
                ["fingerprint"] = card.Text("fingerprint"),
                ["funding"] = card.Text("funding"),
                ["last4"] = card.Text("last4"),
                ["network"] = card.Text("brand"),
                ["three_d_secure"] = null,
                ["wallet"] = null,
            },
            ["type"] = "card",
        };
    }
}
