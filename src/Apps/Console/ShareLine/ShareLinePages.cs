using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Charging;
using Quoin.ConsolePages.BrowseLines;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.ShareLine;

/// <summary>A shared link.</summary>
/// <param name="Token">Its secret text.</param>
internal sealed record SharedRequest(string Token);

/// <summary>What somebody with a link sees.</summary>
/// <param name="Explained">The line; null when the link opens nothing.</param>
/// <param name="EndsAt">When the link ends, or ended; null when it never was one.</param>
public sealed record SharedLine(LineExplanation? Explained, DateTimeOffset? EndsAt);

/// <summary>Shares a line's explanation, and shows it to whoever has the link.</summary>
internal static class ShareLinePages
{
    /// <summary><c>POST /console/rated-lines/{line}/shares</c>.</summary>
    public static Task<IResult> Handle(
        Parameters<LineRequest> parameters,
        Visits visits,
        LineReader reader,
        LineExplanations explanations,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var (org, line) = (frame.RequiredOrg.Id, parameters.Value.Line);
            var form = await PostedForm.Read(context.Request, cancellationToken);
            if (IdText.TryParse(LineShareId.Prefix, form["revoke"], out var share))
            {
                await explanations.Revoke(org, new LineShareId(share), frame.Caller.Actor, cancellationToken);
                return PostedForm.SeeOther(context, frame.To(Places.Of(line)));
            }

            var isNumber = int.TryParse(form["days"], NumberStyles.None, CultureInfo.InvariantCulture, out var days);
            if (!isNumber || days is < 1 or > Charging.Limits.ShareDaysMax
                || await reader.Read(org, parameters.Value, null, cancellationToken) is null)
            {
                return frame.NotFound("rated line");
            }

            var (_, token) = await explanations.Share(
                org, line, TimeSpan.FromDays(days), frame.Caller.Actor, IdempotentRequest.None, cancellationToken);
            var detail = await reader.Read(org, parameters.Value, $"{frame.Origin}{Places.Shared}{token}", cancellationToken);
            return frame.Page<LineView, LineDetail>(detail!);
        },
        cancellationToken);

    /// <summary><c>GET /shared/lines/{token}</c>.</summary>
    public static async Task<IResult> Show(
        Parameters<SharedRequest> parameters,
        LineExplanations explanations,
        CancellationToken cancellationToken)
    {
        switch (await explanations.Open(parameters.Value.Token, cancellationToken))
        {
            case OpenShareOutcome.Opened(var org, var share)
                when await explanations.Explain(org, share.Line, cancellationToken) is { } explained:
                return Page(new SharedLine(explained, share.ExpiresAt), StatusCodes.Status200OK);
            case OpenShareOutcome.Ended(var endedAt):
                return Page(new SharedLine(null, endedAt), StatusCodes.Status410Gone);
            default:
                return Page(new SharedLine(null, null), StatusCodes.Status404NotFound);
        }
    }

    private static RazorComponentResult<SharedLineView> Page(SharedLine model, int status) =>
        new(new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(SharedLineView.Model)] = model })
        {
            StatusCode = status,
            PreventStreamingRendering = true,
        };
}
