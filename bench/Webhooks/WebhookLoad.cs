using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Quoin.Bench.Webhooks;

/// <summary>An account that news is about.</summary>
/// <param name="Org">Its organisation.</param>
/// <param name="Account">The billing account.</param>
/// <param name="Number">Which one of the bench.</param>
internal sealed record BenchPayer(string Org, string Account, int Number);

/// <summary>
/// Deliveries of about three thousand bytes, signed as Stripe signs: in turn an invoice that was paid, its payment, and the
/// subscription they belong to, each with ids of its own and a second of its own.
/// </summary>
internal static class WebhookLoad
{
    /// <summary>What deliveries are signed with.</summary>
    public const string Secret = "whsec_bench";

    private const int BodyBytes = 3_000;
    /// <summary>When the first one happened; each a second after the one before.</summary>
    public const long FirstSecond = 1_767_225_600;

    /// <summary>The delivery of a number: the same bytes whenever it is made.</summary>
    public static byte[] Request(BenchPayer payer, long number)
    {
        var body = Body(payer, number);
        var stamp = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.ASCII.GetBytes(stamp + "."), .. body];
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.ASCII.GetBytes(Secret), signed));
        var head = "POST /v1/webhooks/stripe HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nStripe-Signature: t="
            + stamp + ",v1=" + signature + string.Create(CultureInfo.InvariantCulture, $"\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    /// <summary>Which payments a number of deliveries makes.</summary>
    public static long Payments(long deliveries) => (deliveries + 2) / 3;

    /// <summary>The bytes of a delivery's body.</summary>
    public static byte[] Body(BenchPayer payer, long number)
    {
        var (invoice, created) = (number / 3, FirstSecond + number);
        var about = (number % 3) switch
        {
            0 => Invoice(payer, invoice, created),
            1 => Payment(payer, invoice, created),
            _ => Subscription(payer, created),
        };
        var type = TypeOf(number);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"id":"evt_bench_{{number}}","object":"event","api_version":"2026-10-28.endive",
            "created":{{created}},"data":{"object":{{about}} },"livemode":false,"type":"{{type}}","pad":
            """);
        return Encoding.ASCII.GetBytes(text + "\"" + new string('x', Math.Max(0, BodyBytes - text.Length - 3)) + "\"}");
    }

    /// <summary>What a delivery tells of.</summary>
    public static string TypeOf(long number) => (number % 3) switch
    {
        0 => "invoice.paid",
        1 => "payment_intent.succeeded",
        _ => "customer.subscription.updated",
    };

    private static string Metadata(BenchPayer payer) =>
        $$"""{"org_id":"{{payer.Org}}","billing_account_id":"{{payer.Account}}"}""";

    private static string Invoice(BenchPayer payer, long number, long created) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {"id":"in_bench_{{number}}","object":"invoice","amount_due":2000,"amount_paid":2000,
        "amount_remaining":0,"created":{{created}},"currency":"usd","customer":"cus_bench_{{payer.Number}}",
        "due_date":null,"metadata":{{Metadata(payer)}},"number":"B-{{number}}","payments":{"object":"list",
        "data":[{"id":"inpay_{{number}}","payment":{"payment_intent":"pi_bench_{{number}}",
        "type":"payment_intent"},"status":"paid"}],"has_more":false},"status":"paid",
        "status_transitions":{"paid_at":{{created}} } }
        """);

    private static string Payment(BenchPayer payer, long number, long created) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {"id":"pi_bench_{{number}}","object":"payment_intent","amount":2000,"amount_received":2000,
        "created":{{created}},"currency":"usd","customer":"cus_bench_{{payer.Number}}",
        "last_payment_error":null,"latest_charge":{"id":"ch_bench_{{number}}","object":"charge",
        "amount_refunded":0},"metadata":{{Metadata(payer)}},"status":"succeeded"}
        """);

    private static string Subscription(BenchPayer payer, long created) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        {"id":"sub_bench_{{payer.Number}}","object":"subscription","cancel_at_period_end":false,
        "canceled_at":null,"created":{{FirstSecond}},"currency":"usd",
        "customer":"cus_bench_{{payer.Number}}","ended_at":null,"items":{"object":"list",
        "data":[{"id":"si_bench_{{payer.Number}}","object":"subscription_item",
        "current_period_end":{{created + 2_592_000}},"current_period_start":{{created}},
        "price":{"id":"price_bench","object":"price"},"quantity":1}],"has_more":false},
        "latest_invoice":null,"metadata":{{Metadata(payer)}},"pause_collection":null,"status":"active",
        "trial_end":null}
        """);
}
