using System.Net;
using System.Text;

namespace Quoin.Tests.Unit.Apps.Cli;

/// <summary>The network's other end, for tests of the client: answers each request with the next of some answers.</summary>
internal sealed class AnsweringHandler(params Func<HttpRequestMessage, HttpResponseMessage>[] answers) : HttpMessageHandler
{
    private int next;

    public List<(Uri Url, string Body)> Requests { get; } = [];

    public static Func<HttpRequestMessage, HttpResponseMessage> Answer(
        HttpStatusCode status, string body, int? retryAfterSeconds = null) => _ =>
    {
        var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (retryAfterSeconds is { } seconds)
        {
            response.Headers.Add("Retry-After", $"{seconds}");
        }

        return response;
    };

    public static Func<HttpRequestMessage, HttpResponseMessage> Problem(
        HttpStatusCode status, string code, bool isRetryable, int? retryAfterSeconds = null) => Answer(
        status,
        $$"""{"code":"{{code}}","title":"Title.","detail":"Detail.","""
        + $$""" "retryable":{{(isRetryable ? "true" : "false")}},"request_id":"req_1"}""",
        retryAfterSeconds);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? string.Empty : await request.Content.ReadAsStringAsync(cancellationToken);
        int turn;
        lock (Requests)
        {
            Requests.Add((request.RequestUri!, body));
            turn = Math.Min(next++, answers.Length - 1);
        }

        return answers[turn](request);
    }
}
