namespace Quoin.Accounts;

/// <summary>A key to be created for an organisation.</summary>
/// <param name="Label">What it is for: 1 to 200 letters.</param>
/// <param name="ExpiresAt">From when it is refused; never where left out.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record NewKey(string Label, DateTimeOffset? ExpiresAt = null, string? Reason = null);

/// <summary>A key to be created for a machine of the operator.</summary>
/// <param name="Label">What it is for: 1 to 200 letters.</param>
/// <param name="Roles">What it may do; see <see cref="OperatorRole.All"/>.</param>
/// <param name="ExpiresAt">From when it is refused; never where left out.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record NewOperatorKey(
    string Label, IReadOnlyList<string> Roles, DateTimeOffset? ExpiresAt = null, string? Reason = null);

/// <summary>Every way creating a key can end, in the order they are checked.</summary>
public abstract record CreateKeyOutcome
{
    private CreateKeyOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : CreateKeyOutcome;

    /// <summary>There is no such organisation.</summary>
    public sealed record NoSuchOrganisation : CreateKeyOutcome;

    /// <summary>There are already <see cref="Limits.KeysInUseMax"/> keys that are not revoked.</summary>
    public sealed record TooManyKeys : CreateKeyOutcome;

    /// <summary>It exists; the secret can be told this once.</summary>
    public sealed record Created(CreatedKey Key) : CreateKeyOutcome;
}

/// <summary>Every way revoking a key can end.</summary>
public abstract record RevokeKeyOutcome
{
    private RevokeKeyOutcome()
    {
    }

    /// <summary>The reason is not a proper text.</summary>
    public sealed record Invalid(InvalidInput Input) : RevokeKeyOutcome;

    /// <summary>There is no such key here.</summary>
    public sealed record NoSuchKey : RevokeKeyOutcome;

    /// <summary>It is revoked, now or since before; every replica refuses it within a second.</summary>
    public sealed record Revoked(KeyProfile Key) : RevokeKeyOutcome;
}
