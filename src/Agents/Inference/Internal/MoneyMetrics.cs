using System.Diagnostics.Metrics;
using Quoin.Limiting;

namespace Quoin.Inference.Internal;

/// <summary>What the money path measures.</summary>
internal sealed class MoneyMetrics
{
    private readonly Meter meter;
    private readonly Counter<long> settled;
    private readonly Counter<long> losing;
    private readonly Counter<long> over;
    private readonly Counter<long> review;
    private readonly Counter<long> retried;
    private readonly Counter<long> workedOut;

    public MoneyMetrics(IMeterFactory meters)
    {
        meter = meters.Create("Quoin.Inference");
        settled = meter.CreateCounter<long>("inference.call.settle", "{call}", "Calls written down as over.");
        losing = meter.CreateCounter<long>(
            "inference.call.lose", "{call}", "Calls whose provider asks more than the customer pays.");
        over = meter.CreateCounter<long>(
            "inference.call.overrun", "{call}", "Calls that came to more than was reserved for them.");
        review = meter.CreateCounter<long>("inference.call.review", "{call}", "Calls that somebody has to look into.");
        retried = meter.CreateCounter<long>("inference.settlement.retry", "{try}", "Tries to settle that failed.");
        workedOut = meter.CreateCounter<long>(
            "inference.price.work_out", "{price}", "Prices of a call to come that were not remembered from one before.");
    }

    /// <summary>Shows how many settlements wait.</summary>
    public void Watch(Func<long> queued) => meter.CreateObservableGauge(
        "inference.settlement.queue", queued, "{call}", "Settlements waiting for a transaction.");

    /// <summary>A call was written down.</summary>
    /// <param name="row">The call.</param>
    /// <param name="isTest">Whether its organisation pays play money: such a call neither earns nor loses any.</param>
    public void Settled(RequestRow row, bool isTest)
    {
        settled.Add(1, new KeyValuePair<string, object?>("mode", isTest ? "test" : "live"));
        losing.Add(!isTest && row.ProviderMicros > row.QuotedMicros ? 1 : 0);
        over.Add(row.OverMicros > 0 ? 1 : 0);
        review.Add(row.Review is null ? 0 : 1);
    }

    /// <summary>A call whose host died was taken over.</summary>
    public void Recovered(LapseVerdict verdict) => review.Add(verdict is LapseVerdict.Review ? 1 : 0);

    /// <summary>What a call can cost was worked out from the start.</summary>
    public void WorkedOut() => workedOut.Add(1);

    /// <summary>Settling failed and is tried again.</summary>
    public void Retried() => retried.Add(1);
}
