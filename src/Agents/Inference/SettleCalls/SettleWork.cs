using Quoin.Accounts;
using Quoin.Inference.Internal;
using Quoin.Limiting;

namespace Quoin.Inference;

/// <summary>A call to be written down as over.</summary>
/// <param name="row">The call.</param>
/// <param name="settlement">What it came to, of what was reserved; null where nothing is to be settled.</param>
/// <param name="untold">What is to be told to Metering; null for nothing.</param>
internal sealed class SettleWork(RequestRow row, SpendSettlement? settlement, Untold? untold)
    : SpendEntry(row.Call.Org, settlement)
{
    public RequestRow Row => row;

    public Untold? Untold => untold;

    /// <summary>What its tokens are counted under, where somebody is held to tokens a minute.</summary>
    public IReadOnlyList<KeyId> CountsFor { get; init; } = [];
}
