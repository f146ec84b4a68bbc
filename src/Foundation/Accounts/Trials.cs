using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Trials with credits: once for an organisation, and once for a person.</summary>
public sealed class Trials
{
    private readonly ClaimTrial claiming;

    internal Trials(ClaimTrial claiming) => this.claiming = claiming;

    /// <summary>How it stands with an organisation's trial.</summary>
    public Task<TrialProfile> Of(OrganisationProfile organisation, CancellationToken cancellationToken) =>
        claiming.Read(organisation, cancellationToken);

    /// <summary>Starts an organisation's trial.</summary>
    /// <param name="organisation">The organisation.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<ClaimTrialOutcome> Claim(
        OrganisationProfile organisation, Caller caller, CancellationToken cancellationToken) =>
        claiming.Handle(organisation, caller, cancellationToken);
}
