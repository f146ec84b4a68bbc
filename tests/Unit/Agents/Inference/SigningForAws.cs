using Quoin.Inference;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>
/// Signature Version 4. The cases are those of AWS' "Signature Version 4 test suite" (aws-sig-v4-test-suite, also in
/// aws-c-auth),
/// and the example of "Create a signed AWS API request".
/// </summary>
public sealed class SigningForAws
{
    private const string Nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private const string Token =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/"
        + "qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0r"
        + "KwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

    private static readonly DateTimeOffset Suite = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);
    private static readonly AwsCredentials Credentials = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");

    [Theory]
    [InlineData("get-vanilla", "GET", "/", "", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("post-vanilla", "POST", "/", "", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData(
        "get-vanilla-query-order-key-case",
        "GET",
        "/",
        "Param2=value2&Param1=value1",
        "",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData(
        "get-header-value-trim",
        "GET",
        "/",
        "",
        "My-Header1: value1|My-Header2: \"a   b   c\"",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")]
    [InlineData(
        "post-header-value-case",
        "POST",
        "/",
        "",
        "My-Header1:VALUE1",
        "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d")]
    [InlineData("get-utf8", "GET", "/ሴ", "", "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [InlineData(
        "post-sts-header-before",
        "POST",
        "/",
        "",
        "X-Amz-Security-Token:" + Token,
        "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead")]
    public void Agrees_with_the_published_test_suite(
        string name, string method, string path, string query, string headers, string signature)
    {
        var request = new AwsRequest(
            method,
            path,
            [.. Pairs(query, '&', '=')],
            [
                ("Host", "example.amazonaws.com"),
                ("X-Amz-Date", AwsSignature.DateOf(Suite)),
                .. Pairs(headers, '|', ':'),
            ],
            Nothing);

        AwsSignature.Authorization(request, Credentials, "us-east-1", "service", Suite).ShouldEndWith(signature, customMessage: name);
    }

    [Fact]
    public void Says_what_it_signed()
    {
        var request = new AwsRequest(
            "GET",
            "/",
            [("Action", "ListUsers"), ("Version", "2010-05-08")],
            [
                ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
                ("Host", "iam.amazonaws.com"),
                ("X-Amz-Date", "20150830T123600Z"),
            ],
            AwsSignature.Hash([]));

        AwsSignature.Authorization(request, Credentials, "us-east-1", "iam", Suite).ShouldBe(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            + "SignedHeaders=content-type;host;x-amz-date, "
            + "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    }

    private static IEnumerable<(string Name, string Value)> Pairs(string text, char between, char within) =>
        text.Split(between, StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split(within, 2))
            .Select(pair => (pair[0], pair[1]));
}
