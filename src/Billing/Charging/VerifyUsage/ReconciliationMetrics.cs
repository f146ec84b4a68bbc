using System.Diagnostics.Metrics;

namespace Quoin.Charging.Internal;

/// <summary>What reconciliation measures: alert on any finding, and on runs that stop coming.</summary>
internal sealed class ReconciliationMetrics
{
    private readonly Counter<long> findings;
    private readonly Counter<long> runs;

    public ReconciliationMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Quoin.Charging");
        findings = meter.CreateCounter<long>(
            "charging.reconciliation.find", "{finding}", "Things that do not fit between events and books.");
        runs = meter.CreateCounter<long>("charging.reconciliation.finish", "{run}", "Reconciliations that came to their end.");

        // Told of at zero, so that the first of each is seen to be one more than before, and none for long is seen, too.
        foreach (var kind in Enum.GetValues<ReconciliationKind>())
        {
            findings.Add(0, new KeyValuePair<string, object?>("kind", ReconciliationRows.NameOf(kind)));
        }

        runs.Add(0, new KeyValuePair<string, object?>("is_sound", true));
    }

    public void Found(IReadOnlyList<ReconciliationFault> faults)
    {
        foreach (var group in faults.GroupBy(fault => fault.Kind))
        {
            findings.Add(group.Count(), new KeyValuePair<string, object?>("kind", ReconciliationRows.NameOf(group.Key)));
        }
    }

    public void Finished(ReconciliationRun run) =>
        runs.Add(1, new KeyValuePair<string, object?>("is_sound", run.IsSound));
}
