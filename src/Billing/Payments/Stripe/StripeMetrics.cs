using System.Diagnostics.Metrics;

namespace Quoin.Payments.Stripe;

/// <summary>What calls of the provider measure.</summary>
internal static class StripeMetrics
{
    private static readonly Meter Meter = new("Quoin.Payments");

    private static readonly Counter<long> Calls = Meter.CreateCounter<long>(
        "payments.provider.call", "{call}", "Calls of the payment provider, with their repetitions counted as one.");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        "payments.provider.duration", "s", "How long a call of the payment provider took, with its repetitions.");

    /// <summary>A call came to its end.</summary>
    public static void Call(string operation, ProviderFailureCategory? failure, TimeSpan elapsed)
    {
        var name = new KeyValuePair<string, object?>("operation", operation);
        var outcome = new KeyValuePair<string, object?>("outcome", failure?.ToString() ?? "Done");
        Calls.Add(1, name, outcome);
        Duration.Record(elapsed.TotalSeconds, name, outcome);
    }
}
