using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>Looking at and setting feature flags, for the operator.</summary>
public sealed class FlagDesk
{
    private readonly SetFlags setting;

    internal FlagDesk(SetFlags setting) => this.setting = setting;

    /// <summary>All flags with what they are set to.</summary>
    /// <param name="org">The organisation asked about; null for none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<FlagProfile>> All(OrgId? org, CancellationToken cancellationToken) =>
        setting.List(org, cancellationToken);

    /// <summary>Sets a flag, or unsets it.</summary>
    /// <param name="org">For which organisation; null for all.</param>
    /// <param name="change">What to set.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<SetFlagOutcome> Set(OrgId? org, FlagChange change, string actor, CancellationToken cancellationToken) =>
        setting.Handle(org, change, actor, cancellationToken);
}
