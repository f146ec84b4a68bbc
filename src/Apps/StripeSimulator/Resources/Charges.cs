using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Cards;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Attempts of payments, each with what the bank said.</summary>
internal sealed class Charges(World world)
{
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
        foreach (var (member, value) in new JsonObject
        {
            ["amount"] = intent.Long("amount"), ["amount_captured"] = isPaid ? intent.Long("amount") : 0, ["amount_refunded"] = 0,
            ["application"] = null, ["application_fee"] = null, ["application_fee_amount"] = null, ["balance_transaction"] = null,
            ["billing_details"] = method.Child("billing_details").CopyOrNull(), ["calculated_statement_descriptor"] = "QUOIN",
            ["captured"] = isPaid, ["currency"] = intent.Text("currency"), ["customer"] = intent.Text("customer"),
            ["description"] = intent.Text("description"), ["disputed"] = false, ["failure_balance_transaction"] = null,
            ["failure_code"] = isPaid ? null : card.Code, ["failure_message"] = isPaid ? null : card.Message,
            ["fraud_details"] = new JsonObject(), ["metadata"] = intent.Child("metadata").CopyOrNull(), ["on_behalf_of"] = null,
            ["outcome"] = Outcome(card, isPaid), ["paid"] = isPaid, ["payment_intent"] = intent.Id(),
            ["payment_method"] = method.Id(),
            ["payment_method_details"] = Details(method, intent), ["radar_options"] = new JsonObject(),
            ["receipt_email"] = intent.Text("receipt_email"), ["receipt_number"] = null,
            ["receipt_url"] = isPaid ? $"{world.Address}/receipts/{charge.Id()}" : null, ["refunded"] = false, ["review"] = null,
            ["shipping"] = null, ["source"] = null, ["source_transfer"] = null, ["statement_descriptor"] = null,
            ["statement_descriptor_suffix"] = null, ["status"] = isPaid ? "succeeded" : "failed", ["transfer_data"] = null,
            ["transfer_group"] = null,
        })
        {
            charge[member] = value?.DeepClone();
        }

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
