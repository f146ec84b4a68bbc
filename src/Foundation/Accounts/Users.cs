using Npgsql;
using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>People, whoever they work for: what other slices and modules ask of them, and making them known.</summary>
public sealed class Users
{
    private readonly NpgsqlDataSource database;
    private readonly CreateUser creating;

    internal Users(NpgsqlDataSource database, CreateUser creating) =>
        (this.database, this.creating) = (database, creating);

    /// <summary>A person; null where there is none of this id. Straight from the database.</summary>
    public Task<UserProfile?> Find(UserId user, CancellationToken cancellationToken) =>
        UserRows.Find(database, user, cancellationToken);

    /// <summary>Whoever has an address, whatever its capitals; null where nobody does. Straight from the database.</summary>
    public Task<UserProfile?> FindByEmail(string email, CancellationToken cancellationToken) =>
        UserRows.FindByEmail(database, email, cancellationToken);

    /// <summary>A person's address where it is proved to be theirs; else null.</summary>
    public async Task<string?> ConfirmedEmail(UserId user, CancellationToken cancellationToken) =>
        (await Find(user, cancellationToken))?.ConfirmedEmail;

    /// <summary>Makes a person known, in the caller's transaction.</summary>
    /// <param name="transaction">What else belongs to it, such as their organisation, is written in it too.</param>
    /// <param name="request">Who.</param>
    /// <param name="actor">Who does it, for the audit log; null where they do it themselves.</param>
    /// <param name="cancellationToken">Ends the attempt; the transaction is then of no use.</param>
    public Task<CreateUserOutcome> Create(
        NpgsqlTransaction transaction, NewUser request, string? actor, CancellationToken cancellationToken) =>
        creating.Handle(transaction, request, actor, cancellationToken);
}
