using System.Diagnostics;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>Every way making, replacing or revoking a virtual key can end.</summary>
public abstract record VirtualKeyOutcome
{
    private VirtualKeyOutcome()
    {
    }

    /// <summary>The organisation has no such key that calls models.</summary>
    public sealed record NotFound : VirtualKeyOutcome;

    /// <summary>It cannot be, and nothing changed.</summary>
    /// <param name="Why">Why, in a sentence.</param>
    public sealed record Refused(string Why) : VirtualKeyOutcome;

    /// <summary>There is a new key.</summary>
    /// <param name="Key">The key.</param>
    /// <param name="Secret">Its secret, this once.</param>
    /// <param name="Old">The key it replaces; null for none.</param>
    public sealed record Made(VirtualKey Key, string Secret, KeyProfile? Old) : VirtualKeyOutcome
    {
        /// <summary>Without the secret, which belongs in no log.</summary>
        public override string ToString() => Key.ToString();
    }

    /// <summary>It stands so.</summary>
    /// <param name="Key">The key.</param>
    public sealed record Kept(VirtualKey Key) : VirtualKeyOutcome;
}

/// <summary>The door to virtual keys, for pages: keys that call models, with rules and budgets.</summary>
public sealed class VirtualKeys
{
    private readonly KeepKeys keeping;

    internal VirtualKeys(KeepKeys keeping) => this.keeping = keeping;

    /// <summary>Some of an organisation's keys that call models, newest first, with their budgets.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="before">Only those older than this one.</param>
    /// <param name="limit">How many keys are looked at; those that call no models are left out.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<Page<VirtualKey>> List(
        OrgId org, KeyId? before, PageLimit limit, CancellationToken cancellationToken)
    {
        var page = Page.Of(await keeping.Before(org, before, limit.RowsToFetch, cancellationToken), limit, key => key.Id);
        return new Page<VirtualKey>(await keeping.Standing(org, page.Data, cancellationToken), page.NextCursor);
    }

    /// <summary>A key, with its budgets; null where the organisation has none that calls models.</summary>
    public Task<VirtualKey?> Find(OrgId org, KeyId key, CancellationToken cancellationToken) =>
        keeping.Find(org, key, cancellationToken);

    /// <summary>Makes a key that may do no more than who asks for it.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="wanted">What it shall be.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="cancellationToken">Ends the attempt; no key without its rules is left.</param>
    public async Task<VirtualKeyOutcome> Create(
        OrgId org, NewVirtualKey wanted, Caller caller, CancellationToken cancellationToken)
    {
        var window = wanted.Budget is null ? null : BudgetWindow.Parse(wanted.Budget.Window);
        if (KeyEndpoints.ProblemOf(wanted, window) is { } invalid)
        {
            return new VirtualKeyOutcome.Refused(invalid);
        }

        if (KeepKeys.PostureProblem(wanted.Rules, null, caller) is { } beyond)
        {
            return new VirtualKeyOutcome.Refused(beyond);
        }

        var (outcome, key, budgetProblem) = await keeping.Create(org, wanted, window, caller, cancellationToken);
        return outcome switch
        {
            CreateKeyOutcome.Created when budgetProblem is not null => new VirtualKeyOutcome.Refused(budgetProblem),
            CreateKeyOutcome.Created(var created) => new VirtualKeyOutcome.Made(key!, created.Secret, null),
            CreateKeyOutcome.Invalid(var input) => new VirtualKeyOutcome.Refused(input.ToString()),
            CreateKeyOutcome.TooManyKeys => new VirtualKeyOutcome.Refused("There are as many keys as may be. Revoke some."),
            CreateKeyOutcome.NoSuchProject => new VirtualKeyOutcome.Refused("That project is not in use any more."),
            CreateKeyOutcome.NoSuchServiceAccount =>
                new VirtualKeyOutcome.Refused("That service account is not in use any more."),
            CreateKeyOutcome.NoSuchOrganisation => new VirtualKeyOutcome.NotFound(),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>Holds a key to other rules, on every replica within a second.</summary>
    public async Task<VirtualKeyOutcome> Change(
        OrgId org, KeyId key, KeyRules rules, Caller caller, CancellationToken cancellationToken)
    {
        if (rules.FindProblem() is { } invalid)
        {
            return new VirtualKeyOutcome.Refused(invalid);
        }

        try
        {
            return await keeping.Change(org, key, rules, caller, cancellationToken) is { } kept
                ? new VirtualKeyOutcome.Kept(kept)
                : new VirtualKeyOutcome.NotFound();
        }
        catch (RefusedRequestException refused)
        {
            return new VirtualKeyOutcome.Refused(refused.Message);
        }
    }

    /// <summary>Replaces a key; the new one is held to the same and spends from the same budgets.</summary>
    public async Task<VirtualKeyOutcome> Rotate(
        OrgId org, KeyId key, KeyRotation rotation, Caller caller, CancellationToken cancellationToken)
    {
        if (await keeping.Find(org, key, cancellationToken) is null)
        {
            return new VirtualKeyOutcome.NotFound();
        }

        return await keeping.Rotate(org, key, rotation, caller, cancellationToken) switch
        {
            RotateKeyOutcome.Rotated(var old, var (made, secret)) => new VirtualKeyOutcome.Made(
                (await keeping.Find(org, made.Id, CancellationToken.None))!, secret, old),
            RotateKeyOutcome.NoSuchKey => new VirtualKeyOutcome.NotFound(),
            RotateKeyOutcome.NotInUse => new VirtualKeyOutcome.Refused("It does not work any more; make a new one."),
            RotateKeyOutcome.AlreadyRunning => new VirtualKeyOutcome.Refused(
                "It is being replaced already, or the one it replaced still works."),
            RotateKeyOutcome.IsAPersons => new VirtualKeyOutcome.Refused("It is a person's device: they sign in there again."),
            RotateKeyOutcome.BeyondOwn(var more) => new VirtualKeyOutcome.Refused(
                $"It may do what you may not: {string.Join(", ", more)}."),
            RotateKeyOutcome.Invalid(var input) => new VirtualKeyOutcome.Refused(input.ToString()),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>Revokes a key: refused on every replica within a second.</summary>
    public async Task<VirtualKeyOutcome> Revoke(
        OrgId org, KeyId key, string? reason, Caller caller, CancellationToken cancellationToken)
    {
        if (await keeping.Find(org, key, cancellationToken) is null)
        {
            return new VirtualKeyOutcome.NotFound();
        }

        return await keeping.Revoke(org, key, reason, caller, cancellationToken) switch
        {
            RevokeKeyOutcome.Revoked => new VirtualKeyOutcome.Kept((await keeping.Find(org, key, CancellationToken.None))!),
            RevokeKeyOutcome.NoSuchKey => new VirtualKeyOutcome.NotFound(),
            RevokeKeyOutcome.Invalid(var input) => new VirtualKeyOutcome.Refused(input.ToString()),
            _ => throw new UnreachableException(),
        };
    }
}
