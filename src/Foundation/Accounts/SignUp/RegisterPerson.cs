using Npgsql;

namespace Quoin.Accounts;

/// <summary>
/// Makes somebody a person who can begin: known, and with an organisation of their own. Whoever signs people up, by
/// whatever method, does it here.
/// </summary>
internal sealed class RegisterPerson(CreateUser creating, CreatePersonalOrganisation organisations)
{
    /// <summary>Registers a person in the caller's transaction.</summary>
    public async Task<CreateUserOutcome> Handle(
        NpgsqlTransaction transaction, NewUser request, CancellationToken cancellationToken)
    {
        var outcome = await creating.Handle(transaction, request, actor: null, cancellationToken);
        if (outcome is CreateUserOutcome.Created(var person))
        {
            await organisations.Handle(transaction, person, cancellationToken);
        }

        return outcome;
    }
}
