namespace Quoin.Ledger.Internal;

/// <summary>A request that had its key first.</summary>
/// <param name="Id">The transfer or hold it made.</param>
/// <param name="BodyHash">What it said.</param>
internal readonly record struct Earlier(Guid Id, Guid BodyHash);

/// <summary>All that the commands of one flush look at: locked, read, and changed in place as they are decided.</summary>
internal sealed class FlushState
{
    public Dictionary<Kernel.OrgId, OrgBooks> Books { get; } = [];

    public Dictionary<(Guid Org, string Key), Earlier> TransferKeys { get; } = [];

    public Dictionary<(Guid Org, string Key), Earlier> HoldKeys { get; } = [];

    /// <summary>The transfers that reverse others, by the one they reverse.</summary>
    public Dictionary<(Guid Org, Guid Original), Guid> Reversals { get; } = [];

    public Dictionary<(Guid Org, Guid Hold), HeldMoney> Holds { get; } = [];

    /// <summary>The charts of grants that commands name.</summary>
    public Dictionary<(Guid Org, Guid Grant), ChartKey> GrantCharts { get; } = [];
}
