using System.Diagnostics.Metrics;

namespace Quoin.Accounts;

/// <summary>What Accounts measures: credentials that were refused, and readings that memory could not answer.</summary>
internal sealed class AccountsMetrics
{
    private readonly Counter<long> refused;
    private readonly Histogram<double> keyReadings;

    public AccountsMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Quoin.Accounts");
        refused = meter.CreateCounter<long>(
            "accounts.credential.refuse", description: "Credentials refused, by problem code.");
        keyReadings = meter.CreateHistogram<double>(
            "accounts.key.read", "s", "How long reading keys from the database took.");
    }

    public void Refused(string code) => refused.Add(1, new KeyValuePair<string, object?>("code", code));

    public void KeysRead(TimeSpan took) => keyReadings.Record(took.TotalSeconds);
}
