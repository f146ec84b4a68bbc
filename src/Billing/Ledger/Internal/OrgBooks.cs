using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>
/// An organisation's books while they are locked: the head of the chain, and the charts that are needed. Valid as long
/// as the database says the same flush changed them last.
/// </summary>
internal sealed class OrgBooks(OrgId org)
{
    private readonly Dictionary<ChartKey, Chart> charts = [];

    public OrgId Org => org;

    /// <summary>Transfers so far: the last one's place in the chain.</summary>
    public long TransferCount { get; set; }

    public Guid LastTransfer { get; set; }

    public DateTimeOffset LastRecordedAt { get; set; }

    public byte[] Head { get; set; } = [];

    /// <summary>The flush that changed anything last. Never the same again, even when a flush was rolled back.</summary>
    public Guid ChangedBy { get; set; }

    /// <summary>The flush that holds the lock and has to write them.</summary>
    public FlushDraft? ChangedIn { get; set; }

    /// <summary>Whether this transaction may have opened them: until it commits there may be none.</summary>
    public bool IsOpenedHere { get; set; }

    /// <summary>How many flushes found them, under lock, as the one before had left them.</summary>
    public int TimesFound { get; set; }

    public int ChartCount => charts.Count;

    public Chart? Find(ChartKey key) => charts.GetValueOrDefault(key);

    public Chart Find(BillingAccountId billingAccount, Currency currency) => charts[new ChartKey(billingAccount, currency)];

    public void Add(Chart chart) => charts.Add(new ChartKey(chart.BillingAccount, chart.Currency), chart);

    /// <summary>The next transfer's id: later than the last one's, whatever the clocks of two replicas say.</summary>
    public Guid NextId(IdSource ids)
    {
        var next = ids.Next();
        if (next.CompareTo(LastTransfer) > 0)
        {
            return next;
        }

        Span<byte> bytes = stackalloc byte[16];
        LastTransfer.TryWriteBytes(bytes, bigEndian: true, out _);
        var value = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes) + 1;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return new Guid(bytes, bigEndian: true);
    }
}

/// <summary>Names a chart within an organisation.</summary>
internal readonly record struct ChartKey(BillingAccountId BillingAccount, Currency Currency);
