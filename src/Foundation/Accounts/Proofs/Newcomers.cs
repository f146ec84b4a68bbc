using Npgsql;
using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>Every way somebody can fare who proved who they are and is not known yet.</summary>
internal abstract record NewcomerOutcome
{
    private NewcomerOutcome()
    {
    }

    /// <summary>Nobody may sign up here by themselves.</summary>
    public sealed record NotInvited : NewcomerOutcome;

    /// <summary>Their address belongs to somebody who must connect this way of signing in themselves.</summary>
    public sealed record AddressTaken : NewcomerOutcome;

    /// <summary>They are known now.</summary>
    public sealed record Welcomed(UserId User) : NewcomerOutcome;
}

/// <summary>Makes people known who come with a proof and no password.</summary>
internal sealed class Newcomers(RegisterPerson registering, AccountsOptions options)
{
    /// <summary>Makes somebody known, in the transaction in which their proof is used up.</summary>
    public async Task<NewcomerOutcome> Welcome(
        NpgsqlTransaction transaction, NewUser person, CancellationToken cancellationToken)
    {
        if (options.SignUp != SignUpPolicy.Open)
        {
            return new NewcomerOutcome.NotInvited();
        }

        var outcome = await registering.Handle(transaction, person, cancellationToken);
        return outcome switch
        {
            CreateUserOutcome.Created(var user) => new NewcomerOutcome.Welcomed(user.Id),
            CreateUserOutcome.AddressTaken => new NewcomerOutcome.AddressTaken(),
            CreateUserOutcome.Invalid(var input) =>
                throw new InvalidOperationException($"A proof gave a person who cannot be: {input}"),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }
}
