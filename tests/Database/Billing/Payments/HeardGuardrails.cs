using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>The guardrails some hosts meet while a test listens: what alerts are made of.</summary>
internal sealed class HeardGuardrails : IDisposable
{
    private readonly ConcurrentDictionary<string, long> counts = new(StringComparer.Ordinal);
    private readonly MeterListener listener;

    public HeardGuardrails(params IReadOnlyCollection<IMeterFactory> hosts)
    {
        listener = new MeterListener
        {
            InstrumentPublished = (instrument, owner) =>
            {
                if (instrument.Name == "payments.guardrail.events" && hosts.Contains(instrument.Meter.Scope))
                {
                    owner.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            foreach (var (name, value) in tags)
            {
                if (name == "code" && count > 0)
                {
                    counts.AddOrUpdate((string)value!, count, (_, before) => before + count);
                }
            }
        });
        listener.Start();
    }

    /// <summary>The codes that were met, each at least once.</summary>
    public IEnumerable<string> Codes => counts.Keys;

    public void Dispose() => listener.Dispose();
}

/// <summary>How tests begin to listen.</summary>
internal static class Hearing
{
    /// <summary>Listens to both replicas from now on.</summary>
    public static HeardGuardrails Hear(this NewsHost host) =>
        new(host.First.Get<IMeterFactory>(), host.Second.Get<IMeterFactory>());

    /// <summary>Listens to a replica from now on.</summary>
    public static HeardGuardrails Hear(this PaymentsReplica replica) => new(replica.Get<IMeterFactory>());

    /// <summary>Listens to a host from now on.</summary>
    public static HeardGuardrails Hear(this TestHost host) => new(host.Get<IMeterFactory>());
}
