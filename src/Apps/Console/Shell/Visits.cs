using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.Shell;

/// <summary>
/// Decides which organisation a page shows. People see those they belong to and no other: who belongs to several is sent
/// on by the gate to an address that names one. The operator sees the one the address names, and where it names none is
/// sent on to an address that does, so that every address says what it shows.
/// </summary>
internal sealed class Visits(Organisations organisations)
{
    /// <summary>Shows a page of an organisation, or says why there is none.</summary>
    /// <param name="context">The request.</param>
    /// <param name="asked">The organisation the address names.</param>
    /// <param name="page">The page, once it is clear whose.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<IResult> Show(
        HttpContext context,
        OrgId? asked,
        Func<Frame, Task<IResult>> page,
        CancellationToken cancellationToken)
    {
        var frame = Outside(context);
        var org = asked ?? frame.Caller.Org;
        if (org is null)
        {
            var first = await organisations.Search(string.Empty, 1, cancellationToken);
            return first is [var offered]
                ? TypedResults.LocalRedirect(Naming(context.Request, offered.Id))
                : frame.Page<NoOrganisationView, string>(string.Empty);
        }

        var isOpen = frame.IsOperator || org == frame.Caller.Org;
        return isOpen && await organisations.Find(org.Value, cancellationToken) is { } found
            ? await page(frame with { Org = found, Choices = await ChoicesOf(frame.Caller, cancellationToken) })
            : frame.NotFound("organisation");
    }

    /// <summary>Shows a page of the platform itself; the organisation looked at before stays in the menu.</summary>
    /// <param name="context">The request.</param>
    /// <param name="asked">The organisation the address names; null for none.</param>
    /// <param name="page">The page.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<IResult> ShowPlatform(
        HttpContext context,
        OrgId? asked,
        Func<Frame, Task<IResult>> page,
        CancellationToken cancellationToken)
    {
        var frame = Outside(context);
        if (!frame.IsOperator)
        {
            return frame.NotFound("page");
        }

        var org = asked is { } named ? await organisations.Find(named, cancellationToken) : null;
        return await page(frame with { Org = org });
    }

    /// <summary>The organisations a person may turn to, the one they have belonged to longest first.</summary>
    public async Task<IReadOnlyList<OrganisationProfile>> ChoicesOf(Caller caller, CancellationToken cancellationToken)
    {
        var found = await organisations.FindMany([.. caller.Choices.Select(choice => choice.Org)], cancellationToken);
        return [.. caller.Choices.Select(choice => found.GetValueOrDefault(choice.Org)).OfType<OrganisationProfile>()];
    }

    /// <summary>The frame of a page that stands in no organisation.</summary>
    public static Frame Outside(HttpContext context)
    {
        var request = context.Request;

        // What a page shows is the reader's alone, and old as soon as it is made.
        context.Response.Headers.CacheControl = "private, no-cache";
        return new Frame(
            context.Caller(),
            Org: null,
            request.Path,
            $"{request.Scheme}://{request.Host}",
            context.CspNonce(),
            Viewer.Of(request));
    }

    private static string Naming(HttpRequest request, OrgId org)
    {
        var query = request.QueryString.Add("org", org.ToString());
        return $"{request.Path}{query}";
    }
}
