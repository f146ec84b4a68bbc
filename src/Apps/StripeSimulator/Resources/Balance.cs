using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Movements of the operator's money: each with its fee, available some days after it was made.</summary>
internal sealed class Balance(World world)
{
    // What begins the same in each.
    private const string Blank = """
        {
          "balance_type": "payments",
          "exchange_rate": null
        }
        """;

    private const string Kind = "balance_transaction";

    // 2.9 % and 30 cents, as Stripe charges in the United States; a dispute costs 15 dollars, kept when it is won.
    private const decimal FeeRate = 0.029m;
    private const long FeeFixed = 30;
    private const long DisputeFee = 1500;
    private const long AvailableAfter = 2 * 24 * 3600;

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call) => Lists.Page(
        call,
        world.Store.Newest(Kind).Where(move => move.Fits(call.Form, "type") && move.Fits(call.Form, "source")
            && move.Fits(call.Form, "currency") && (call.Form.Text("payout") is not { } payout || move.Text("_payout") == payout)),
        Kind);

    public JsonObject Total(Call call) => new()
    {
        ["object"] = "balance",
        ["available"] = Sums(move => IsAvailable(move)),
        ["livemode"] = false,
        ["pending"] = Sums(move => !IsAvailable(move)),
    };

    /// <summary>A payment's money came.</summary>
    public JsonObject Charge(JsonObject charge, bool isAvailableNow)
    {
        var amount = charge.Long("amount");
        var fee = (long)decimal.Round(amount * FeeRate, MidpointRounding.AwayFromZero) + FeeFixed;
        return Move(charge, "charge", "charge", amount, fee, isAvailableNow ? 0 : AvailableAfter);
    }

    /// <summary>Money of a payment went back, or came back from a refund that failed; the fee stays with the provider.</summary>
    public JsonObject Refund(JsonObject refund, bool failed) => failed
        ? Move(refund, "refund_failure", "refund_failure", refund.Long("amount"), 0, 0)
        : Move(refund, "refund", "refund", -refund.Long("amount"), 0, 0);

    /// <summary>Money was taken for a dispute, or given back as it was won.</summary>
    public JsonObject Dispute(JsonObject dispute, bool won) => won
        ? Move(dispute, "adjustment", "dispute_reversal", dispute.Long("amount"), 0, 0,
            "Chargeback reversal for " + dispute.Text("charge"))
        : Move(dispute, "adjustment", "dispute", -dispute.Long("amount"), DisputeFee, 0,
            "Chargeback withdrawal for " + dispute.Text("charge"));

    /// <summary>Money left for the bank, or came back from it.</summary>
    public JsonObject Payout(JsonObject payout, bool failed) => failed
        ? Move(payout, "payout_failure", "payout_failure", payout.Long("amount"), 0, 0)
        : Move(payout, "payout", "payout", -payout.Long("amount"), 0, 0);

    /// <summary>What can be paid out: available and not paid out yet.</summary>
    public IReadOnlyList<JsonObject> Payable(string currency) =>
    [
        .. world.Store.All(Kind)
            .Where(move => move.Text("currency") == currency && IsAvailable(move) && move.Text("_payout") is null),
    ];

    /// <summary>The currencies in which money moved.</summary>
    public IReadOnlyList<string> Currencies => [.. world.Store.All(Kind).Select(move => move.Text("currency")!).Distinct().Order()];

    private bool IsAvailable(JsonObject move) => move.Long("available_on") <= world.Now(move);

    private JsonArray Sums(Func<JsonObject, bool> isOf) => new(
    [
        .. Currencies.Select(currency => new JsonObject
        {
            ["amount"] = world.Store.All(Kind).Where(move => move.Text("currency") == currency && isOf(move))
                .Sum(move => move.Long("net")),
            ["currency"] = currency,
        }),
    ]);

    private JsonObject Move(
        JsonObject source, string type, string category, long amount, long fee, long delay, string? description = null)
    {
        var move = world.New("txn_", Kind, source);
        move.Fill(Blank);
        move["amount"] = amount;
        move["available_on"] = move.Long("created") + delay;
        move["currency"] = source.Text("currency");
        move["description"] = description;
        move["fee"] = fee;
        move["fee_details"] = fee == 0 ? new JsonArray() : new JsonArray(new JsonObject
        {
            ["amount"] = fee,
            ["application"] = null,
            ["currency"] = source.Text("currency"),
            ["description"] = type == "charge" ? "Stripe processing fees" : "Dispute fee",
            ["type"] = "stripe_fee",
        });
        move["net"] = amount - fee;
        move["reporting_category"] = category;
        move["source"] = source.Id();
        move["status"] = delay == 0 ? "available" : "pending";
        move["type"] = type;

        world.Store.Put(move);
        return move;
    }
}
