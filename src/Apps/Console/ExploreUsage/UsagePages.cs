using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;

namespace Quoin.ConsolePages.ExploreUsage;

/// <summary>Shows usage and its cost: of any meter, told apart by anything, over any time; on a page and as a file.</summary>
internal static class UsagePages
{
    /// <summary><c>GET /console/usage</c>.</summary>
    public static Task<IResult> Show(
        Visits visits, UsageReader reader, HttpContext context, CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var question = UsageQuestion.Read(context.Request, frame.Viewer);
            if (context.Request.Query.ContainsKey("dimension"))
            {
                return PostedForm.SeeOther(context, frame.To(Places.Usage, question.Fields));
            }

            return await reader.Read(frame.RequiredOrg.Id, frame.Currency, question, cancellationToken) is { } found
                ? frame.Page<UsageView, Exploration>(found)
                : frame.NotFound("meter");
        },
        cancellationToken);

    /// <summary><c>GET /console/usage.csv</c>: the same question's answer, one line for each group and step.</summary>
    public static Task<IResult> File(
        Visits visits, UsageReader reader, HttpContext context, CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var question = UsageQuestion.Read(context.Request, frame.Viewer);
            return await reader.Read(frame.RequiredOrg.Id, frame.Currency, question, cancellationToken) is { } found
                ? UsageFile.Of(found)
                : frame.NotFound("meter");
        },
        cancellationToken);
}
