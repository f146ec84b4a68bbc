using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>An organisation that would be without an owner.</summary>
/// <param name="Id">Which.</param>
/// <param name="Name">What it is called.</param>
public sealed record OwnedAlone(OrgId Id, string Name);

/// <summary>Every way asking for one's own deletion can end, in the order they are checked.</summary>
public abstract record DeletePersonOutcome
{
    private DeletePersonOutcome()
    {
    }

    /// <summary>They run this Quoin: operators are taken from their work first.</summary>
    public sealed record IsOperator : DeletePersonOutcome;

    /// <summary>They are the only owner of organisations of several people: these are handed over or deleted first.</summary>
    public sealed record SoleOwner(IReadOnlyList<OwnedAlone> Organisations) : DeletePersonOutcome;

    /// <summary>It has begun: they are out everywhere, and signing in before that date takes it back.</summary>
    public sealed record Begun(DateTimeOffset DeletesAt) : DeletePersonOutcome;
}
