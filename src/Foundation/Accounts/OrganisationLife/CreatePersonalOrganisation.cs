using System.Security.Cryptography;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Gives a person an organisation of their own, in the transaction that makes them known: who has signed up can begin.
/// </summary>
internal sealed class CreatePersonalOrganisation(CreateOrganisation creating, TimeProvider time)
{
    private const string SuffixLetters = "abcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>Creates it, with the person as its owner.</summary>
    public async Task<OrganisationProfile> Handle(
        NpgsqlTransaction transaction, UserProfile person, CancellationToken cancellationToken)
    {
        var called = person.Name ?? person.Email?.Split('@')[0] ?? "Personal";
        var wanted = creating.Decide(new NewOrganisation(called, OrganisationMode.Live)) with
        {
            Kind = OrganisationKind.Personal,
        };
        var slug = SlugText.Of(called);
        var actor = person.Id.ToString();
        for (var attempt = 0; attempt <= Limits.SlugAttemptsMax; attempt++)
        {
            // The last attempt goes without: a slug is an ornament, an organisation is not.
            var organisation = wanted with
            {
                Slug = slug is null || attempt == Limits.SlugAttemptsMax ? null
                    : attempt == 0 ? slug
                    : $"{slug}-{RandomNumberGenerator.GetString(SuffixLetters, SlugText.SuffixLength)}",
            };
            if (await creating.Write(transaction, organisation, actor, reason: null, cancellationToken))
            {
                await MemberRows.Insert(
                    transaction, organisation.Id, person.Id, MemberRole.Owner, actor, Instant.Now(time), cancellationToken);
                return organisation;
            }
        }

        throw new InvalidOperationException("An organisation without a slug was refused for its slug.");
    }
}
