using Npgsql;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Gives an operator a password, or removes their second factor: on the machine Quoin runs on.</summary>
internal sealed class SetOperatorPassword(
    NpgsqlDataSource database,
    PasswordHashing hashing,
    StorePassword storing,
    Attempts attempts,
    SecondFactors factors)
{
    public async Task<SetPasswordOutcome> Handle(
        string email, string password, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await OperatorRows.Find(transaction, email, cancellationToken) is not { } person)
        {
            return new SetPasswordOutcome.NoSuchOperator();
        }

        if (PasswordRules.Problem(password, email) is { } problem)
        {
            return new SetPasswordOutcome.Invalid(problem);
        }

        var hash = await hashing.Hash(password, cancellationToken);
        var ended = await storing.Handle(
            transaction, person.Id, hash, provesEmail: false, actor, "password.set", cancellationToken);
        await attempts.Forgive(transaction, Attempts.Password, EmailAddress.Folded(email), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        storing.Forget(ended);
        return new SetPasswordOutcome.Set();
    }

    public async Task<ResetSecondFactorOutcome> ResetSecondFactor(
        string email, string actor, CancellationToken cancellationToken)
    {
        if (await UserRows.FindByEmail(database, email, cancellationToken) is not { } user)
        {
            return new ResetSecondFactorOutcome.NoSuchPerson();
        }

        return await factors.Reset(user.Id, actor, cancellationToken)
            ? new ResetSecondFactorOutcome.Removed()
            : new ResetSecondFactorOutcome.NoneSet();
    }
}
