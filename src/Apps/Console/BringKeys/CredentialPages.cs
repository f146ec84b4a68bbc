using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Inference;

namespace Quoin.ConsolePages.BringKeys;

/// <summary>Keys that an organisation brings, and what it asks of those who answer its calls.</summary>
/// <param name="Own">The providers it has keys of its own for.</param>
/// <param name="Others">The other providers that calls go to.</param>
/// <param name="Rules">What deployments must be to answer.</param>
/// <param name="Said">What was just done, or why nothing was; null nothing.</param>
/// <param name="IsComplaint">Whether nothing was.</param>
public sealed record CredentialList(
    IReadOnlyList<OwnCredential> Own,
    IReadOnlyList<OwnProvider> Others,
    OwnRoutingRules Rules,
    string? Said,
    bool IsComplaint);

/// <summary>
/// Shows, sets and removes keys that an organisation brings, none of which is ever shown, and its rules for who may answer.
/// </summary>
internal sealed class CredentialPages(OwnCredentials credentials, OwnRouting routing)
{
    private readonly OwnCredentials credentials = credentials;

    /// <summary><c>GET /console/gateway/credentials</c>.</summary>
    public static Task<IResult> List(
        Visits visits, CredentialPages pages, HttpContext context, CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        frame => pages.Listed(frame, Said(FormText.Of(context.Request, "said")), false, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/gateway/credentials</c>.</summary>
    public static Task<IResult> Act(
        Visits visits, CredentialPages pages, HttpContext context, CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var complaint = await pages.Do(frame, form, cancellationToken);
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.OwnCredentials, ("said", form["act"])))
                : await pages.Listed(frame, GatewaySentence.Of(complaint), true, cancellationToken);
        },
        cancellationToken);

    private async Task<string?> Do(Frame frame, PostedForm form, CancellationToken cancellationToken)
    {
        var (org, provider) = (frame.RequiredOrg.Id, form["provider"]);
        return form["act"] switch
        {
            "remove" => await credentials.Remove(org, provider, frame.Caller, cancellationToken) ? null : "It was removed before.",
            "route" => await routing.Set(
                org, form.All("required_tags"), form.All("regions"), form["reason"], frame.Caller, cancellationToken),
            _ => await credentials.Set(org, provider, form["credential"], form["reason"], frame.Caller, cancellationToken),
        };
    }

    private async Task<IResult> Listed(Frame frame, string? said, bool isComplaint, CancellationToken cancellationToken)
    {
        var own = await credentials.List(frame.RequiredOrg.Id, cancellationToken);
        var providers = await credentials.Providers(cancellationToken);
        return frame.Page<CredentialsView, CredentialList>(
            new(
                own,
                [.. providers.Where(one => own.All(mine => mine.Provider != one.Name))],
                await routing.Read(frame.RequiredOrg.Id, cancellationToken),
                said,
                isComplaint),
            isComplaint ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    private static string? Said(string? act) => act switch
    {
        "set" => "Calls there are made with your key from now on, everywhere within a second.",
        "replace" => "The new key is used from now on, everywhere within a second; the old one is gone.",
        "route" => "It holds from now on, everywhere within a second.",
        "remove" => "Your key is gone. Calls there are made with the operator's, at the usual prices.",
        _ => null,
    };
}
