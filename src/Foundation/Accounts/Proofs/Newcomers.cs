using System.Diagnostics;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Every way somebody can fare who proved who they are and is not known yet.</summary>
internal abstract record NewcomerOutcome
{
    private NewcomerOutcome()
    {
    }

    /// <summary>
    /// Nobody may sign up here by themselves, and no invitation is theirs: none, one mailed to another address than the one
    /// vouched for, or one that somebody without an address came by already.
    /// </summary>
    public sealed record NotInvited : NewcomerOutcome;

    /// <summary>Their address belongs to somebody who must connect this way of signing in themselves.</summary>
    public sealed record AddressTaken : NewcomerOutcome;

    /// <summary>They are known now.</summary>
    public sealed record Welcomed(UserId User) : NewcomerOutcome;
}

/// <summary>Makes people known who come with a proof and no password; who may is said in one place for all methods.</summary>
internal sealed class Newcomers(
    RegisterPerson registering, AdmitSignUp admitting, SecretHasher hasher, TimeProvider time)
{
    /// <summary>Makes somebody known, in the transaction in which their proof is used up.</summary>
    /// <param name="transaction">The caller's; of no use where they are not welcome.</param>
    /// <param name="person">Who; their address only where it is vouched for.</param>
    /// <param name="returnTo">The page they want: an invitation's own is how they show it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<NewcomerOutcome> Welcome(
        NpgsqlTransaction transaction, NewUser person, string returnTo, CancellationToken cancellationToken)
    {
        var admission = await admitting.Handle(returnTo, cancellationToken);
        if (admission is SignUpAdmission.Refused || (person.Email is { } vouched && !admission.Admits(vouched)))
        {
            return new NewcomerOutcome.NotInvited();
        }

        var outcome = await registering.Handle(transaction, person, cancellationToken);
        switch (outcome)
        {
            case CreateUserOutcome.Created(var user):
                return admission is SignUpAdmission.Invited(_, var token)
                    && person.Email is null
                    && !await Claim(transaction, token, user.Id, cancellationToken)
                        ? new NewcomerOutcome.NotInvited()
                        : new NewcomerOutcome.Welcomed(user.Id);
            case CreateUserOutcome.AddressTaken:
                return new NewcomerOutcome.AddressTaken();
            case CreateUserOutcome.Invalid(var input):
                throw new InvalidOperationException($"A proof gave a person who cannot be: {input}");
            default:
                throw new UnreachableException();
        }
    }

    private const string ClaimSql = """
        insert into accounts.invited_newcomers (secret_hash, user_id, came_at)
        values ($1, $2, $3)
        on conflict (secret_hash) do nothing
        """;

    // They join once they prove the invited address; without this bound one link would make any number of people.
    private async Task<bool> Claim(
        NpgsqlTransaction transaction, string token, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            ClaimSql, hasher.Hash(token).ToBytes(), user.Value, Instant.Now(time));
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
