using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Cards;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Money given back; with some cards it waits, or comes back.</summary>
internal sealed class Refunds(World world)
{
    // What begins the same in each.
    private const string Blank = """
        {
          "balance_transaction": null,
          "receipt_number": null,
          "source_transfer_reversal": null,
          "transfer_reversal": null
        }
        """;

    private const string Kind = "refund";

    public JsonObject Create(Call call)
    {
        var form = call.Form;
        var charge = ChargeOf(form);
        if (charge.Flag("disputed") && charge.Text("_dispute_outcome") != "won")
        {
            throw ApiException.State("charge_disputed", $"Charge {charge.Id()} has been charged back; cannot issue a refund.");
        }

        var left = charge.Long("amount") - charge.Long("amount_refunded");
        if (left == 0 || !charge.Flag("paid"))
        {
            throw ApiException.State("charge_already_refunded", $"Charge {charge.Id()} has already been refunded.");
        }

        var amount = form.Whole("amount") ?? left;
        if (amount <= 0 || amount > left)
        {
            throw ApiException.Invalid(
                "amount",
                $"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).",
                amount <= 0 ? "parameter_invalid_integer" : "amount_too_large");
        }

        return Begin(charge, amount, form);
    }

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call) => Lists.Page(
        call, world.Store.Newest(Kind)
            .Where(refund => refund.Fits(call.Form, "charge") && refund.Fits(call.Form, "payment_intent")), Kind);

    public JsonObject Update(Call call) => world.Change(
        world.Get(Kind, call.Id), "refund.updated", refund => refund["metadata"] = call.Form.Metadata(refund.Child("metadata")));

    public JsonObject Cancel(Call call) =>
        throw ApiException.State("refund_not_cancelable", "This refund cannot be canceled: cards refund without the customer.");

    /// <summary>A refund that waited settles; one that was to fail does.</summary>
    public void RunDue(JsonObject refund)
    {
        var fails = refund.Text("_ends") == "failed";
        var charge = world.Get("charge", refund.Text("charge")!);
        if (fails)
        {
            refund["failure_balance_transaction"] = world.Balance.Refund(refund, failed: true).Id();
        }

        refund.Remove("_due");
        world.Change(refund, "refund.updated", value =>
        {
            value["status"] = fails ? "failed" : "succeeded";
            if (fails)
            {
                value["failure_reason"] = "lost_or_stolen_card";
            }
            else
            {
                value.Remove("pending_reason");
            }
        });
        if (fails)
        {
            world.Events.Emit("refund.failed", refund);
            world.Change(charge, "charge.updated", value =>
            {
                value["amount_refunded"] = value.Long("amount_refunded") - refund.Long("amount");
                value["refunded"] = false;
            });
        }

        world.Events.Emit("charge.refund.updated", refund);
    }

    private JsonObject Begin(JsonObject charge, long amount, Form form)
    {
        var conduct = PaymentMethods.CardOf(world.Get("payment_method", charge.Text("payment_method")!)).Conduct;
        var refund = world.New("re_", Kind, charge);
        refund.Fill(Blank);
        refund["amount"] = amount;
        refund["charge"] = charge.Id();
        refund["currency"] = charge.Text("currency");
        refund["customer"] = charge.Text("customer");
        refund["destination_details"] = new JsonObject
        {
            ["card"] = new JsonObject
            {
                ["reference"] = world.Ids.Digits(12),
                ["reference_status"] = "available",
                ["reference_type"] = "acquirer_reference_number",
                ["type"] = "refund",
            },
            ["type"] = "card",
        };
        refund["metadata"] = form.Metadata();
        refund["payment_intent"] = charge.Text("payment_intent");
        refund["payment_method"] = charge.Text("payment_method");
        refund["reason"] = form.OneOf("reason", "duplicate", "fraudulent", "requested_by_customer");
        refund["status"] = conduct == CardConduct.RefundsLate ? "pending" : "succeeded";

        if (conduct is CardConduct.RefundsLate or CardConduct.RefundFails)
        {
            refund["_ends"] = conduct == CardConduct.RefundFails ? "failed" : "succeeded";
            refund["_due"] = world.Now(refund) + Math.Max(1, (long)world.Options.RefundSettlesAfter.TotalSeconds);
        }

        if (conduct == CardConduct.RefundsLate)
        {
            refund["pending_reason"] = "processing";
        }

        refund["balance_transaction"] = world.Balance.Refund(refund, failed: false).Id();
        world.Add(refund, "refund.created");
        world.Change(charge, "charge.refunded", value =>
        {
            value["amount_refunded"] = value.Long("amount_refunded") + amount;
            value["refunded"] = value.Long("amount_refunded") == value.Long("amount");
        });
        return refund;
    }

    private JsonObject ChargeOf(Form form)
    {
        if (world.Named(form, "charge", "charge") is { } charge)
        {
            return charge;
        }

        var intent = world.Named(form, "payment_intent", "payment_intent") ?? throw ApiException.Required("payment_intent");
        return world.Store.Find("charge", intent.Text("latest_charge")) is { } latest && latest.Flag("paid")
            ? latest
            : throw ApiException.State(
                "payment_intent_unexpected_state",
                $"This PaymentIntent ({intent.Id()}) does not have a successful charge to refund.");
    }
}
