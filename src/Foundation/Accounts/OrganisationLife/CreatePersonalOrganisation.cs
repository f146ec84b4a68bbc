using System.Security.Cryptography;
using System.Text;
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
    private const int SuffixLength = 6;
    private const int SlugLettersMax = 63 - SuffixLength - 1;

    /// <summary>Creates it, with the person as its owner.</summary>
    public async Task<OrganisationProfile> Handle(
        NpgsqlTransaction transaction, UserProfile person, CancellationToken cancellationToken)
    {
        var called = person.Name ?? person.Email?.Split('@')[0] ?? "Personal";
        var wanted = creating.Decide(new NewOrganisation(called, OrganisationMode.Live)) with
        {
            Kind = OrganisationKind.Personal,
        };
        var slug = SlugOf(called);
        var actor = person.Id.ToString();
        for (var attempt = 0; attempt <= Limits.SlugAttemptsMax; attempt++)
        {
            // The last attempt goes without: a slug is an ornament, an organisation is not.
            var organisation = wanted with
            {
                Slug = slug is null || attempt == Limits.SlugAttemptsMax ? null
                    : attempt == 0 ? slug
                    : $"{slug}-{RandomNumberGenerator.GetString(SuffixLetters, SuffixLength)}",
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

    /// <summary>A slug made of a name: its Latin letters and digits, hyphens between; null where none are left.</summary>
    public static string? SlugOf(string name)
    {
        var slug = new StringBuilder(SlugLettersMax);
        foreach (var letter in name.ToLowerInvariant())
        {
            if (slug.Length == SlugLettersMax)
            {
                break;
            }

            if (char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter))
            {
                slug.Append(letter);
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var trimmed = slug.ToString().Trim('-');
        return trimmed.Length == 0 ? null : trimmed;
    }
}
